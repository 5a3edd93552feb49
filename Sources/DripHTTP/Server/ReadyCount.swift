/// Calls once when all have arrived.
package actor ReadyCount {
    private var missing: Int
    private let then: @Sendable () -> Void

    package init(of count: Int, then: @escaping @Sendable () -> Void) {
        self.missing = count
        self.then = then
    }

    package func arrived() {
        missing -= 1
        if missing == 0 { then() }
    }
}
