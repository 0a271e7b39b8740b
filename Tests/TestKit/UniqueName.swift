/// A name that nobody else has: a letter, then digits and small letters.
package func uniqueName() -> String { "t" + String(UInt64.random(in: 0 ... .max), radix: 36) }
