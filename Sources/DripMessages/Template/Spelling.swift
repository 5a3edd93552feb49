// Which known word a misspelt one was meant to be.
//
// The rule: the known word with the least edits (a letter put in, left out, changed, or two neighbours swapped), if
// those are at most a third of the longer word's letters, rounded up. Ties go to the first in alphabetical order.
// Example: `frist_name` is one swap away from `first_name`; `zebra` is near nothing.
// Source: the restricted Damerau-Levenshtein distance (optimal string alignment).

/// The known word that `word` was most likely meant to be, or nil where none is near.
func nearestSpelling(of word: String, among known: [String]) -> String? {
    let typed = Array(word.lowercased().unicodeScalars.prefix(64))
    var best: (word: String, distance: Int)?
    for candidate in known.sorted() {
        let wanted = Array(candidate.lowercased().unicodeScalars.prefix(64))
        let distance = editDistance(typed, wanted)
        let allowed = (max(typed.count, wanted.count) + 2) / 3
        if distance <= allowed, distance < best?.distance ?? .max { best = (candidate, distance) }
    }
    return best?.word
}

private func editDistance(_ a: [Unicode.Scalar], _ b: [Unicode.Scalar]) -> Int {
    if a.isEmpty || b.isEmpty { return max(a.count, b.count) }
    var beforeLast = [Int](repeating: 0, count: b.count + 1)
    var last = Array(0...b.count)
    for i in 1...a.count {
        var row = [Int](repeating: i, count: b.count + 1)
        for j in 1...b.count {
            let substitution = last[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1)
            row[j] = min(last[j] + 1, row[j - 1] + 1, substitution)
            if i > 1, j > 1, a[i - 1] == b[j - 2], a[i - 2] == b[j - 1] {
                row[j] = min(row[j], beforeLast[j - 2] + 1)
            }
        }
        beforeLast = last
        last = row
    }
    return last[b.count]
}
