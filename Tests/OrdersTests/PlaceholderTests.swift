import Testing

@Test("The target is registered")
func registered() {
    #expect(Bool(true))
}
