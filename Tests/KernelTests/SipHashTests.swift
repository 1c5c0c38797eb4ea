import Kernel
import Testing

@Suite struct SipHashTests {
    // The key 00 01 … 0f and the octets 00 01 … 0e, from the authors' paper.
    @Test func `agrees with the paper`() {
        var state = SipHash(low: 0x0706_0504_0302_0100, high: 0x0F0E_0D0C_0B0A_0908)
        state.absorb(0x0706_0504_0302_0100)
        state.absorb(0x0F0E_0D0C_0B0A_0908)
        #expect(state.finish() == 0xA129_CA61_49BE_45E5)
    }
}
