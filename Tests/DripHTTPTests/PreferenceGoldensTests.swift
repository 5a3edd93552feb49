import DripCore
import DripMessages
import Foundation
import Hummingbird
import Testing

@testable import DripHTTP

/// The pages behind links as people see them, in both languages.
@Suite struct PreferenceGoldensTests {
    private func pages(_ language: String) -> Pages {
        let pages = Pages()
        var view = pages.control.view
        view.locale = language
        view.topics.append(.init(id: TopicID(rawValue: "tips"), about: "A <tip> a week", isWanted: false))
        pages.control.view = view
        return pages
    }

    @Test(arguments: ["en", "id"])
    func pagesOfWhoIsSubscribed(language: String) async throws {
        let pages = pages(language)
        try expectGolden(
            try await pages.ask(.get, "/u/\(pages.token(.unsubscribe))").body, "unsubscribe.\(language).html")
        // The token stands in the page.
        try expectGolden(
            try await pages.ask(.get, "/p/\(pages.token(.preferences))").body, "preferences.\(language).html")
        try expectGolden(
            try await pages.ask(.post, "/p/\(pages.token(.preferences))", body: "action=resume").body,
            "saved.\(language).html")
        var view = pages.control.view
        view.pausedUntil = LocalDate(year: 2026, month: 12, day: 24)
        pages.control.view = view
        try expectGolden(
            try await pages.ask(.get, "/p/\(pages.token(.preferences))").body, "paused.\(language).html")
    }

    @Test(arguments: ["en", "id"])
    func pagesOfWhoIsNot(language: String) async throws {
        let pages = pages(language)
        var view = pages.control.view
        (view.isUnsubscribed, view.maySubscribe) = (true, true)
        pages.control.view = view
        try expectGolden(
            try await pages.ask(.post, "/u/\(pages.token(.unsubscribe))").body, "unsubscribed.\(language).html")
        try expectGolden(
            try await pages.ask(.get, "/p/\(pages.token(.preferences))").body, "way-back.\(language).html")
        try expectGolden(
            try await pages.ask(.get, "/u/rubbish", headers: [.acceptLanguage: language]).body,
            "unknown.\(language).html")
    }
}
