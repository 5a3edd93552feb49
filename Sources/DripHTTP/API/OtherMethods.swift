import HTTPTypes
import Hummingbird

extension Router {
    /// Answers 405 with `Allow` to every usual method that a path is known by another of; call it once all routes are there.
    func refuseOtherMethods() {
        let unusual = HTTPRequest.Method("QUERY").map { [$0] } ?? []
        for (path, same) in Dictionary(grouping: routes, by: { $0.path.description }) {
            let isGot = same.contains { $0.method == .get }
            let methods = Set(same.map { $0.method }).union(isGot ? [.head] : [])
            let allowed = methods.map { $0.rawValue }.sorted().joined(separator: ", ")
            for method in [HTTPRequest.Method.get, .head, .post, .put, .patch, .delete, .options, .trace] + unusual
            where !methods.contains(method) {
                on(RouterPath(path), method: method) { _, _ -> Response in
                    throw HTTPError(.methodNotAllowed, headers: [.allow: allowed])
                }
            }
        }
    }
}
