// Finding what someone meant to write.
//
// The rule: the candidate with the fewest slips (a letter too many, missing, wrong, or two swapped) wins, if they are at most a
// third of the word's length and at most 3; case and the difference between `-`, `_` and a blank are no slip. Where none is near
// enough, a word of at least three letters means the one candidate that it begins.
//
// Edge cases: among equals the first in alphabetical order, so that the same mistake always gets the same hint; a word of over 64
// letters means nothing.
//
// Worked example: `sendwindow` → `send_window` (one missing), `Steps` → `steps` (none), `state_dir` → `state_directory`, `foo` →
// nothing.

/// Finds what someone meant to write.
package enum Spelling {
    private static let longestWord = 64

    /// The candidate that was meant; nil where none is near enough.
    package static func nearest(to word: some StringProtocol, among candidates: some Sequence<String>) -> String? {
        guard word.count <= longestWord, !word.isEmpty else { return nil }
        let written = folded(word)
        let most = min(3, max(1, written.count / 3))
        var best: (slips: Int, candidate: String)?
        for candidate in candidates.sorted() {
            let other = folded(candidate)
            guard abs(other.count - written.count) <= most else { continue }
            let slips = distance(written, other)
            if slips <= most, slips < best?.slips ?? Int.max { best = (slips, candidate) }
        }
        // A word all of whose letters would have to change is another word.
        if let best, best.slips < written.count { return best.candidate }
        let longer = candidates.filter { folded($0).starts(with: written) }
        return written.count >= 3 && longer.count == 1 ? longer.first : nil
    }

    /// `Did you mean X?` where something is near, else the other hint.
    package static func hint(for word: some StringProtocol, among candidates: some Sequence<String>, otherwise: String)
        -> String
    {
        nearest(to: word, among: candidates).map { "Did you mean `\($0)`?" } ?? otherwise
    }

    private static func folded(_ word: some StringProtocol) -> [Character] {
        word.lowercased().map { $0 == "-" || $0 == " " ? "_" : $0 }
    }

    /// The restricted Damerau–Levenshtein distance ("optimal string alignment").
    static func distance(_ a: [Character], _ b: [Character]) -> Int {
        guard !a.isEmpty, !b.isEmpty else { return max(a.count, b.count) }
        var before: [Int] = []
        var last = Array(0...b.count)
        for i in 1...a.count {
            var row = [i]
            for j in 1...b.count {
                let change = last[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1)
                var least = min(change, last[j] + 1, row[j - 1] + 1)
                if i > 1, j > 1, a[i - 1] == b[j - 2], a[i - 2] == b[j - 1] { least = min(least, before[j - 2] + 1) }
                row.append(least)
            }
            (before, last) = (last, row)
        }
        return last[b.count]
    }
}
