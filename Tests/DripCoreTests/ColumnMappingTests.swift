import Testing

@testable import DripCore

@Suite struct ColumnMappingTests {
    private static func mistake(_ written: [String], _ head: [String] = []) -> String? {
        do {
            _ = try ColumnMapping(written).applied(to: head)
            return nil
        } catch {
            return error.description
        }
    }

    @Test(
        arguments: [
            ([], ["Email", "Größe"], ["Email", "Größe"]),
            (
                ["Work E-Mail=email", "Email=-", "Größe=company.size"], ["Email", "Work E-Mail", "Größe"],
                ["-", "email", "company.size"]
            ),
            // The last = parts the sides; blanks around either are nobody's; a field is spelled as a column may be.
            (["a=b= First Name "], [" a=b "], ["first_name"]),
            (["=-"], ["email", "", ""], ["email", "-", "-"]), (["x=-"], ["x", "email", "x"], ["-", "email", "-"]),
            (["email=email"], ["email"], ["email"]), (["E-Mail=key"], ["E-Mail", "Address"], ["key", "Address"]),
            // Two that are left out are no two of the same field.
            (["a=-", "b=-"], ["a", "b"], ["-", "-"]),
        ] as [([String], [String], [String])])
    func saysWhatColumnsAreCalled(written: [String], head: [String], columns: [String]) throws {
        #expect(try ColumnMapping(written).applied(to: head) == columns)
    }

    @Test(
        arguments: [
            (["Email"], "\"Email\" has no =: write COLUMN=FIELD, such as \"Email Address=email\""),
            (
                ["Email=Größe (cm)"],
                "\"Email=Größe (cm)\": \"Größe (cm)\" is no field: write grosse_cm, or a letter and then letters, digits, _ "
                    + "and dots, or - to leave the column out"
            ),
            (
                ["Email="],
                "\"Email=\": \"\" is no field: write a letter and then letters, digits, _ and dots, or - to leave the column out"
            ),
            (["a=x", "a=y"], "the column \"a\" is mapped twice: to x and to y"),
            (
                ["a=email", "b=E-Mail"],
                "\"a=email\" and \"b=E-Mail\" are the same field: keep one, and leave the other out with \"b=-\""
            ),
            (["Frist Name=x"], "no column of the file is called \"Frist Name\": did you mean \"First Name\"?"),
            (
                ["email=x"],
                "no column of the file is called \"email\": it has \"Work E-Mail\", \"First Name\", \"twice\", \"twice\""
            ),
            (
                ["twice=x"],
                "2 columns are called \"twice\", and nobody can tell which is meant: give them different names in the file"
            ),
            (
                ["Work E-Mail=first_name"],
                "the columns \"Work E-Mail\" and \"First Name\" are both first_name: leave one out with \"First Name=-\""
            ),
        ])
    func saysWhatIsWrong(written: [String], says: String) {
        #expect(Self.mistake(written, ["Work E-Mail", "First Name", "twice", "twice"]) == says)
    }

    @Test func ofAHeadWithManyColumnsItNamesTen() {
        let says = Self.mistake(["zzzz=x"], (1...11).map { "c\($0)" })
        #expect(says?.hasSuffix("it has " + (1...10).map { "\"c\($0)\"" }.joined(separator: ", ") + " …") == true)
    }

    /// What is tried as it says goes through the door.
    @Test(
        arguments: [
            (["email", "Größe (cm)"], [["Größe (cm)=grosse_cm"], ["Größe (cm)=-"]]), (["email", "#"], [["#=-"]]),
            (["email", "  Straße "], [["Straße=strasse"], ["Straße=-"]]),
            (["Email", "Email Address"], [["Email Address=-"]]), (["email", ""], [["=-"]]),
            (["Mail privat"], [["Mail privat=email"]]), (["name"], []), (["email", "email"], []),
            (["email", "stage"], [["stage=-"], ["stage=crm_stage"]]),
            (["email", "stage", "owner", " accept_by"], [["stage=-", "accept_by=-"]]),
        ] as [([String], [[String]])])
    func namesTheMappingsThatMend(head: [String], mends: [[String]]) throws {
        do {
            _ = try LeadDoor(columns: head)
            Issue.record("the door takes \(head)")
        } catch {
            #expect(ColumnMapping.mends(of: error, in: head) == mends)
        }
        for mend in mends {
            #expect(throws: Never.self) { try LeadDoor(columns: ColumnMapping(mend).applied(to: head)) }
        }
    }
}
