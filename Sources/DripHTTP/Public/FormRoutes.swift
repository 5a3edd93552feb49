import DripCore
import DripMessages
import Foundation
import HTTPTypes
import Hummingbird
import NIOCore

// Sign-up forms: a page for each, which people reach by its name, and posts of it, also from forms on other web sites. Nothing of
// it is behind a password or a cookie, so that there is nothing for another site to forge.

extension PublicRoutes {
    func addForms(to router: RouterGroup<PublicContext>) {
        router.get("f/:form") { request, context in await lookAtForm(request, context) }
        router.post("f/:form") { request, context in try await submit(request, context) }
        // Whoever scans a mail follows its links: a GET confirms nothing.
        router.get("d/:token") { request, context in
            await confirmation(request, context) { run, _ in .question(run) }
        }
        router.post("d/:token") { request, context in
            _ = try await request.body.collect(upTo: Self.largestForm)
            return await confirmation(request, context) { run, client in .confirm(run, from: client) }
        }
    }

    private func lookAtForm(_ request: Request, _ context: PublicContext) async -> Response {
        let words = words(request, nil)
        switch await control.ask(.form(.look(Self.form(context)))) {
        case .success(.form(.form(let form, let sender))):
            figures.saw(form.id)
            return FormPage(words: words, sender: sender).form(form)
        case .failure(let error): return refusal(of: error, words)
        case .success: return Response(status: .internalServerError)
        }
    }

    private func submit(_ request: Request, _ context: PublicContext) async throws -> Response {
        let id = Self.form(context)
        if let type = request.headers[.contentType], !type.lowercased().hasPrefix("application/x-www-form-urlencoded") {
            return unreadable(.unsupportedMediaType, words(request, nil))
        }
        let body = FormBody(try await request.body.collect(upTo: Self.largestForm).readableBytesView)
        let words = words(request, body[SignUpForm.languageField])
        let client = client(request, context)
        guard posts.take(client, minute: Self.minute) else {
            figures.count(id, .limited)
            return tooMany(words)
        }
        let submission = FormSubmission(
            form: id, email: body[SignUpForm.emailField] ?? "", values: body.values,
            agrees: !(body[SignUpForm.consentField] ?? "").isEmpty, language: words.code,
            client: client.map { "\($0)" } ?? "", page: page(of: request, id),
            isTrapped: !(body[SignUpForm.trapField] ?? "").isEmpty)
        switch await control.ask(.form(.submit(submission))) {
        case .success(.form(.mistaken(let form, let sender, let mistakes))):
            figures.saw(form.id)
            figures.count(form.id, .refused)
            return FormPage(words: words, sender: sender).form(form, entered: body.values, mistakes: mistakes)
        case .success(.form(.taken(let form, let sender, let outcome))):
            figures.saw(form.id)
            figures.count(form.id, outcome)
            return FormPage(words: words, sender: sender).taken(form)
        case .failure(let error): return refusal(of: error, words)
        case .success: return Response(status: .internalServerError)
        }
    }

    private func confirmation(
        _ request: Request, _ context: PublicContext, _ command: (EnrollmentID, String) -> FormRequest
    ) async -> Response {
        let stranger = words(request, nil)
        guard let token = context.parameters.get("token"), let number = signer.verify(token, purpose: .confirm) else {
            return refuse(request, context, stranger)
        }
        let client = client(request, context).map { "\($0)" } ?? ""
        switch await control.ask(.form(command(EnrollmentID(rawValue: number), client))) {
        case .success(.form(.confirmation(let view))):
            figures.saw(view.form)
            if view.isNew { figures.count(view.form, .confirmed) }
            let page = FormPage(words: words(request, view.locale), sender: view.sender)
            return view.isConfirmed ? page.confirmed(view) : page.question(view)
        case .success(.form(.gone)): return unknown(stranger)
        case .failure(let error): return refusal(of: error, stranger)
        case .success: return Response(status: .internalServerError)
        }
    }

    // MARK: Parts

    private static func form(_ context: PublicContext) -> FormID {
        FormID(rawValue: String((context.parameters.get("form") ?? "").prefix(64)))
    }

    /// `?lang=` says it, else what the form or the lead says, else the browser.
    private func words(_ request: Request, _ said: String?) -> PageWords {
        PageWords(
            locale: request.uri.queryParameters.get(SignUpForm.languageField) ?? said,
            acceptLanguage: request.headers[.acceptLanguage])
    }

    /// Where the form stood, without what stands behind `?` and `#`: that may say who somebody is.
    private func page(of request: Request, _ form: FormID) -> String {
        let referer = HTTPField.Name("Referer").flatMap { request.headers[$0] } ?? ""
        guard referer.hasPrefix("https://") || referer.hasPrefix("http://") else { return "\(publicURL)/f/\(form)" }
        return String(referer.prefix { $0 != "?" && $0 != "#" }.prefix(500))
    }

    private func refusal(of error: ControlError, _ words: PageWords) -> Response {
        error.kind == .notFound ? unknown(words) : unavailable(words)
    }
}

extension FormBody {
    /// The first value of each field.
    var values: [String: String] {
        Dictionary(names.map { ($0, self[$0] ?? "") }) { first, _ in first }
    }
}
