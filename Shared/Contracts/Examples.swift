package import Primitives

/// Who and what examples are about: the same order, its owner and an Admin in all of them.
package enum Examples {
    package static let owner = Identifier(high: 0x019a_ba4d_8c11_7a3e, low: 0x9f5c_1c77_2d0e_4b01)
    package static let admin = Identifier(high: 0x019a_ba4d_8c12_7b40, low: 0xa1d2_3e4f_5a6b_7c02)
    package static let order = Identifier(high: 0x019a_ba4e_17aa_7d55, low: 0x8e31_90ab_cdef_0103)
    package static let message = Identifier(high: 0x019a_ba4e_2bd4_7c10, low: 0xb2c3_d4e5_f607_1804)
    package static let clientMessage = Identifier(high: 0x3f2b_8c1d_5e6f_4a7b, low: 0x8c9d_0e1f_2a3b_4c05)
    package static let session = Identifier(high: 0x019a_ba4d_9f00_7e66, low: 0x9a8b_7c6d_5e4f_3006)
    /// A moment in the time of its making.
    package static let time = Timestamp(milliseconds: 1_764_070_411_395)
}
