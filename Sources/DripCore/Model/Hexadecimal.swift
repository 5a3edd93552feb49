extension Sequence<UInt8> {
    /// Two small digits for each byte, as signatures and names of versions are written.
    package var hexadecimal: String {
        reduce(into: "") { text, byte in
            if byte < 16 { text += "0" }
            text += String(byte, radix: 16)
        }
    }
}
