import DripCore
import DripEngine
import DripStore

extension Simulation {
    /// One step of the engine and its effects, with the deaths that were armed.
    ///
    /// - Returns: the answer to a command, where the process lived to give it.
    @discardableResult
    func step(
        _ input: Input, onAnswer: (Result<Reply, ControlError>) -> Void = { _ in }
    ) throws -> Result<Reply, ControlError>? {
        guard let machine else { return nil }
        var input = input
        var answer: Result<Reply, ControlError>?
        var rounds = 0
        while true {
            steps += 1
            rounds += 1
            machine.store.failedCommits = 0
            machine.store.goodCommits = 0
            machine.store.failedReads = 0
            let effects = machine.engine.step(input, now: clock.shows(at: now))
            if machine.store.isDead {
                try die("killed in a commit")
                return nil
            }
            // An engine that has given its store up commits nothing at all.
            let isWritten = machine.store.failedCommits == 0 && machine.store.goodCommits > 0
            if isWritten {
                for mailbox in bounces { roster.suppress(mailbox, isCertain: true).forEach { tell($0) } }
                bounces = []
                for mark in unrecorded { tell(.recorded(mark: mark)) }
                unrecorded = []
                tellRecordedAtDesk()
            }
            // What an answer tells is on disk before the marks of the same step.
            for case .answer(_, let result) in effects { onAnswer(result) }
            try watchHandoffs()
            var isAgain = false
            guard try perform(effects, on: machine, isAgain: &isAgain, answer: &answer) else { return nil }
            guard isAgain else { break }
            guard rounds < Self.roundsAtMost else {
                isStuck = true
                tell(.stuck("after \(rounds) commits of one input it still wants another one, \(now)"))
                break
            }
            input = .ring
        }
        return answer
    }

    /// Does what the engine wants, one thing after the other; false where the process died on the way.
    private func perform(
        _ effects: [Effect], on machine: Machine, isAgain: inout Bool, answer: inout Result<Reply, ControlError>?
    ) throws -> Bool {
        // Marks are on disk whether or not they are then handed over.
        let marks = note(effects)
        for effect in effects {
            if try diesBeforeEffect() { return false }
            switch effect {
            case .send(_, let marked):
                for index in marked.indices {
                    if index > 0, try diesBeforeEffect() { return false }
                    let order = marked[index]
                    if let mark = marks[order.delivery.id] { handOver(order, mark, order.step.channel, machine) }
                }
            case .wake(let alarm): machine.alarm = alarm
            case .again: isAgain = true
            case .answer(_, let result): answer = result
            case .push(_, let orders):
                for (index, order) in orders.enumerated() {
                    if index > 0, try diesBeforeEffect() { return false }
                    handOver(order, machine)
                }
            case .digest(_, let orders):
                for (index, order) in orders.enumerated() {
                    if index > 0, try diesBeforeEffect() { return false }
                    handOver(order, machine)
                }
            case .publish, .drained, .log: continue
            }
        }
        return true
    }

    /// What a step has marked.
    ///
    /// Of several transports nobody outside sees which marks came first. What no cap counts may have been the first, and
    /// what no cap holds the last.
    private func note(_ effects: [Effect]) -> [DeliveryID: Mark] {
        var orders: [(SendOrder, String)] = []
        for case .send(let transport, let marked) in effects { orders += marked.map { ($0, transport) } }
        if Set(orders.map(\.1)).count > 1 {
            func place(of step: Step) -> Int { step.isTransactional ? 2 : step.counts ? 1 : 0 }
            orders = (0...2).flatMap { rank in orders.filter { place(of: $0.0.step) == rank } }
        }
        var marks: [DeliveryID: Mark] = [:]
        for (order, transport) in orders { marks[order.delivery.id] = note(order, transport) }
        return marks
    }

    private func note(_ order: SendOrder, _ transport: String) -> Mark {
        let run =
            register(order.delivery.enrollment) ?? Run(lead: order.lead.key, campaign: order.campaign.id.rawValue)
        let name = "\(run)/\(StepPlan.firstName(of: order.step.id.rawValue))"
        attempts[name, default: 0] += 1
        var mark = Mark(
            number: marks.count, run: run, step: StepPlan.firstName(of: order.step.id.rawValue),
            channel: order.step.channel,
            mailbox: order.lead.address?.normalised, attempt: attempts[name] ?? 0, plannedAt: order.plannedAt,
            transport: transport)
        let plan = roster.plans.step(of: mark)
        mark.isNotice = plan?.isNotice ?? (order.step.notice != nil)
        noteLink(order, &mark)
        marks.append(mark)
        markedAt[mark.number] = now
        sealed[mark.number] = (order.delivery.enrollment, order.delivery.sealedAs)
        tell(.marked(mark))
        return mark
    }

    private func handOver(_ order: SendOrder, _ mark: Mark, _ channel: Channel, _ machine: Machine) {
        do {
            let payload = try machine.composition.payload(of: order)
            guard let reception = Reception.read(payload, mark: mark.number) else {
                relay.refuse(mark, order.delivery.id, "unreadable", at: now)
                tell(.unusable("a message that cannot be read: \(mark.run) \(mark.step)"))
                return
            }
            relay.submit(mark, order.delivery.id, reception, at: now)
        } catch {
            relay.refuse(mark, order.delivery.id, "\(error)", at: now)
        }
    }

    private func diesBeforeEffect() throws -> Bool {
        verdict.figures.effects += 1
        guard let armed = armedEffect else { return false }
        armedEffect = armed - 1
        guard armed <= 0 else { return false }
        armedEffect = nil
        try die("killed between two effects")
        return true
    }

    // MARK: Life and death

    func boot() throws {
        bootsAt = nil
        do {
            let machine = try Machine(
                directory: files.directory, trace: trace, files: disk.files, loader: loader, transports: transports,
                clock: { [self] in clock.shows(at: now) },
                prepare: { store in
                    store.death = armedDeath
                    if let storeFault { store.fault = (storeFault.fault.kind.error, storeFault.fault.place) }
                })
            machine.engine.returnMark = returnMark
            self.machine = machine
            // A boot or a reload that died may have applied its folder all the same.
            for folder in perhapsApplied where machine.hadApplied(folder.files) {
                roster.live = folder.live(over: roster.live)
            }
            for folder in perhapsApplied { tell(.perhapsLive(folder)) }
            perhapsApplied = []
            try discoverMerges()
            try discoverErasures()
            // By the files of before, unless it died while it took others.
            if !isLoading { try watchHandoffs() }
            isLoading = false
            roster.live = disk.live(over: roster.live, held: machine.held)
            if let live = roster.live { tell(.live(live)) }
            tell(.booted)
            if !machine.report.broken.isEmpty {
                tell(.unusable("the folder does not load: \(machine.report.diagnostics.map(\.description))"))
            }
            try step(.ring)
            try applyHeldEdits()
        } catch {
            armedDeath = nil
            faults["boot failed", default: 0] += 1
            guard !(error is Engine.BootFailure) else {
                tell(.unusable("it cannot boot: \(error)"))
                return
            }
            perhapsApplied.append(disk)
            // As systemd does: again a little later, and later still where the disk goes on failing.
            let wait = storeFault.map { TimeSpan.milliseconds(($0.until - now).milliseconds / 3) } ?? .zero
            bootsAt = now + max(.seconds(5), wait)
        }
    }

    /// The process ends without a word, and is started again after `downtime`.
    func die(_ fault: String, downtime: TimeSpan = .seconds(1)) throws {
        guard let machine else { return }
        faults[fault, default: 0] += 1
        let remains = try files.copy()
        machine.close()
        try files.put(remains)
        self.machine = nil
        armedDeath = nil
        armedEffect = nil
        forgetUnrecorded()
        takeIn()
        relay.lose(at: now)
        desk.lose()
        tell(.died)
        bootsAt = now + downtime
    }

    /// A stop as SIGTERM asks for it.
    func stop(downtime: TimeSpan) throws {
        guard machine != nil else { return }
        faults["restart", default: 0] += 1
        try step(.stop)
        let (until, answers) = relay.drain(at: now, within: .seconds(30))
        let (last, pushes) = desk.drain(at: now, within: .seconds(30))
        now = max(now, until, last)
        for answer in answers {
            if let at = answer.takenAt, at <= now, let reception = answer.reception {
                receive(reception, at: at)
            }
        }
        try give(answers)
        try giveOfDesk(pushes)
        guard machine != nil else { return }
        try step(.abandon)
        machine?.close()
        machine = nil
        forgetUnrecorded()
        tell(.died)
        bootsAt = now + downtime
    }

    /// Nobody knows whether what was answered last is on disk.
    private func forgetUnrecorded() {
        for mailbox in bounces { roster.suppress(mailbox, isCertain: false).forEach { tell($0) } }
        bounces = []
        unrecorded = []
        unrecordedAtDesk = []
    }

    /// Puts the last backup in the place of the state, as somebody does after a disaster; confirmed some time later.
    func restore(downtime: TimeSpan) throws {
        guard let backup else { return }
        try die("restored from a backup", downtime: downtime)
        guard machine == nil, bootsAt != nil else { return }
        bounces = []
        relay.forget()
        try files.put(backup.files, asNewFiles: true)
        roster = backup.roster
        runs = backup.runs
        watched = backup.watched
        (sealed, arrived) = backup.sealed
        panel = backup.panel
        // Of what was under way then, nobody knows any more what became.
        tell(.died)
        tell(.restored)
        agenda.add(Action(at: now + downtime + .minutes(30), kind: .confirmRecovery))
    }

    func endStoreFaultIfOver() {
        guard let until = storeFault?.until, now >= until else { return }
        endStoreFault()
    }

    /// An I/O error is answered with a restart: by itself the engine does not trust that disk again.
    func endStoreFault() {
        guard let fault = storeFault?.fault else { return }
        storeFault = nil
        machine?.store.fault = nil
        if fault.kind == .io { agenda.add(Action(at: now, kind: .restart(downtime: .seconds(1)))) }
    }
}

extension StoreFault.Kind {
    var error: StoreError.Kind {
        switch self {
        case .full: .full
        case .io: .io
        case .locked: .locked
        }
    }
}
