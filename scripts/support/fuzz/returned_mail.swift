// sources: Sources/DripReturns/*.swift Sources/DripReturns/*/*.swift
// library: CGMime gmime-3.0
// corpus: Tests/DripReturnsTests/Samples/flufl.bounce

/// A stranger's mail: it is read within its limits, and what it means keeps the reader's promises.
@_cdecl("LLVMFuzzerTestOneInput")
public func test(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let mail = ReturnedMail(Array(UnsafeBufferPointer(start: start, count: count)))
    precondition(mail.origin.messageIDs.count <= ReturnLimits.messageIDs)
    precondition(mail.origin.addresses.count <= ReturnLimits.addresses)
    switch mail.meaning {
    case .bounce(let bounce):
        precondition(bounce.diagnostic.unicodeScalars.count <= ReturnLimits.diagnostic)
        precondition(bounce.diagnostic.unicodeScalars.allSatisfy { $0.value >= 0x20 && $0.value != 0x7F })
        precondition(bounce.recipients.count <= ReturnLimits.recipients)
        precondition(bounce.severity != .hard || bounce.status?.kind != .transient)
    case .complaint(let complaint): precondition(complaint.recipients.count <= ReturnLimits.recipients)
    case .unsubscribe(let tokens): precondition(!tokens.isEmpty && tokens.allSatisfy { !$0.isEmpty })
    case .reply(let reply): precondition(reply.sender.contains("@"))
    case .arrival, .automatic, .nothing: break
    }
    return 0
}
