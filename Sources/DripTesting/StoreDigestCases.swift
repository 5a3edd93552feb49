import DripCore
import DripStore

extension StoreConformance {
    static let digestCases: [StoreConformance] = [
        StoreConformance("who was told of which weeks is what was noted last") { bed in
            try expectEqual(try bed.read { try $0.digestsReported() }, [:], "nobody at first")
            let (first, second) = (StoreBed.start, StoreBed.start + .days(7))
            try bed.commit { try $0.setDigestsReported(["rini@acme.example": first, "sales@acme.example": first]) }
            try bed.commit { try $0.setDigestsReported(["rini@acme.example": second]) }
            try expectEqual(
                try bed.read { try $0.digestsReported() }, ["rini@acme.example": second],
                "whoever is not named is known no more")
        }
    ]
}
