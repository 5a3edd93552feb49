// The tables, and how an older database becomes a newer one.
//
// The rule: `PRAGMA user_version` is the number of the last migration that ran; each runs in a transaction of its own,
// in order, once; a database with a higher number than this program knows is refused untouched. A migration that was
// released is never edited.
//
// What stands where, and why:
// - `leads.key` is NULL where it is the lead's own address, the usual case: an index of it would double the addresses'.
//   A lead's mailbox names its first lead (`mailboxes.lead`), which names the next (`leads.next_lead`): no index either.
// - `addresses` finds a mailbox by a keyed 32-bit hash of its address, which is then compared: half the size of an index
//   of texts. The key keeps a stranger from filling one bucket through a sign-up form.
// - `enrollments.id` is `lead * 1024 + n`: a lead's enrollments stand together and are found without an index.
// - `enrollments.due_at` is NULL while it is `planned_at`.
// - `enrollments.permitted_at` is NULL unless less than a whole wait was booked; see `PendingStep.permittedAt`.
// - `leads.paused_until` and its neighbours are the last pause, also one that is over.
// - `mailboxes.waiting` says who is woken next: see `WakeVerbs.swift`.
// - `mailboxes.charges` and `opted_out` are packed lists: see `PackedBytes.swift`.
// - `timers.channel` and `enrollments.channel` are a route's number: the channel's, and 16 times that of a row of
//   `transports` where the step names one.
// - `timers` holds what waits, clustered by route, campaign and due instant, and nothing else: claiming reads a few
//   neighbouring pages, whatever else the database holds.
// - `deliveries` holds what has not ended, or ended in doubt; the journal keeps the rest.
// - `journal` only grows at its end and has no index: an entry names the one before it of the same enrollment (or of
//   the lead, where it has none); the newest is named by the row that was written anyway.
// - `counters` are sums over the journal, `gauges` sizes and last numbers; both are written once per commit.
// - `leads.merged_into` makes a row another name of that lead, and `moves` knows its enrollments: see `MergeVerbs.swift`.
// - `enrollments.version` is the version of the campaign that it goes by to its end, NULL for the latest; those that go on are
//   counted by an index of their own, which nothing else is in.
// - `leads.erased_at`, `mailboxes.former`: see `EraseVerbs.swift`; `tokens` and `event_ids`: `ProgramVerbs.swift`.
// - `consents.text` is the hash of the words in `files`: see `ConsentVerbs.swift`.
// - `leads.figures`, `enrollments.figures` and what they add up to: see `ReportFacts.swift` and `ReportFigures.swift`.
// - `promises` are those of owners that run, as their leads' attributes have them: see `PromiseVerbs.swift`.
// - A zone, a locale or a version is the number of a `words` row, or the text itself once there are too many of them.

import DripStore
import GRDB

enum Schema {
    /// "drip" in ASCII: `file` and a careful person can tell whose database it is.
    private static let applicationID: Int64 = 0x6472_6970

    static let migrations: [String] = [
        """
        CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
        INSERT INTO meta VALUES ('instance', lower(hex(randomblob(8)))), ('seed', abs(random()));

        CREATE TABLE words (id INTEGER PRIMARY KEY, text TEXT NOT NULL UNIQUE);
        CREATE TABLE campaigns (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
        CREATE TABLE steps (
            id INTEGER PRIMARY KEY, campaign INTEGER NOT NULL, name TEXT NOT NULL, UNIQUE (campaign, name));

        CREATE TABLE mailboxes (
            id INTEGER PRIMARY KEY, address TEXT NOT NULL, lead INTEGER, waiting INTEGER NOT NULL DEFAULT 0,
            charges BLOB, suppressed TEXT, suppressed_note TEXT, suppressed_at INTEGER);
        CREATE TABLE addresses (
            hash INTEGER NOT NULL, mailbox INTEGER NOT NULL, PRIMARY KEY (hash, mailbox)) WITHOUT ROWID;
        CREATE TABLE leads (
            id INTEGER PRIMARY KEY, key TEXT, mailbox INTEGER, next_lead INTEGER, written TEXT, zone, locale,
            attributes BLOB, journal_head INTEGER);
        CREATE UNIQUE INDEX leads_by_key ON leads (key) WHERE key IS NOT NULL;

        CREATE TABLE enrollments (
            id INTEGER PRIMARY KEY, campaign INTEGER NOT NULL, enrolled_at INTEGER NOT NULL, status INTEGER NOT NULL,
            step INTEGER, channel INTEGER, planned_at INTEGER, due_at INTEGER, waiting_for TEXT,
            deferred INTEGER, late INTEGER, last_sent_at INTEGER, last_sent_planned_at INTEGER,
            finished BLOB, journal_head INTEGER);
        CREATE TABLE timers (
            channel INTEGER NOT NULL, campaign INTEGER NOT NULL, due_at INTEGER NOT NULL, enrollment INTEGER NOT NULL,
            PRIMARY KEY (channel, campaign, due_at, enrollment)) WITHOUT ROWID;
        CREATE TABLE deliveries (
            enrollment INTEGER NOT NULL, id INTEGER NOT NULL, step INTEGER NOT NULL, state INTEGER NOT NULL,
            attempts INTEGER NOT NULL, marked_at INTEGER NOT NULL, mailbox INTEGER,
            PRIMARY KEY (enrollment, id)) WITHOUT ROWID;
        CREATE INDEX deliveries_in_doubt ON deliveries (id) WHERE state = 4;

        CREATE TABLE journal (
            id INTEGER PRIMARY KEY, prev INTEGER, at INTEGER NOT NULL, lead INTEGER NOT NULL, enrollment INTEGER,
            campaign INTEGER, step INTEGER, kind INTEGER NOT NULL, reason TEXT, planned_at INTEGER, detail TEXT);
        CREATE TABLE counters (
            day TEXT NOT NULL, campaign INTEGER NOT NULL, kind INTEGER NOT NULL, reason TEXT NOT NULL,
            n INTEGER NOT NULL, PRIMARY KEY (day, campaign, kind, reason)) WITHOUT ROWID;
        CREATE TABLE gauges (name TEXT PRIMARY KEY, n INTEGER NOT NULL) WITHOUT ROWID;

        CREATE TABLE files (hash BLOB PRIMARY KEY, bytes BLOB NOT NULL);
        CREATE TABLE applied (path TEXT PRIMARY KEY, hash BLOB NOT NULL, at INTEGER NOT NULL) WITHOUT ROWID;

        CREATE VIEW readable_leads AS
            SELECT l.id, coalesce(l.key, m.address) AS key, coalesce(l.written, m.address) AS address,
                CASE typeof(l.zone) WHEN 'integer' THEN (SELECT text FROM words WHERE id = l.zone) ELSE l.zone END AS zone,
                CASE typeof(l.locale) WHEN 'integer' THEN (SELECT text FROM words WHERE id = l.locale)
                    ELSE l.locale END AS locale,
                m.suppressed, m.suppressed_note
            FROM leads l LEFT JOIN mailboxes m ON m.id = l.mailbox;
        CREATE VIEW readable_enrollments AS
            SELECT e.id, e.id >> 10 AS lead, c.name AS campaign,
                CASE e.status WHEN 0 THEN 'active' WHEN 1 THEN 'paused' WHEN 2 THEN 'completed' ELSE 'exited' END AS status,
                s.name AS step, datetime(e.planned_at / 1000, 'unixepoch') AS planned_at,
                datetime(coalesce(e.due_at, e.planned_at) / 1000, 'unixepoch') AS due_at, e.waiting_for
            FROM enrollments e JOIN campaigns c ON c.id = e.campaign LEFT JOIN steps s ON s.id = e.step;
        """,
        // Pauses: of everything, a campaign or a transport as rows, of a lead in its own.
        """
        CREATE TABLE holds (target TEXT PRIMARY KEY, since INTEGER NOT NULL, note TEXT NOT NULL) WITHOUT ROWID;
        ALTER TABLE leads ADD COLUMN paused_until INTEGER;
        """,
        // When the last of an enrollment's finished steps ended, for steps with `anchor: previous`. NULL where that was
        // before this migration, or never: they then count from the last send, or from the enrollment.
        """
        ALTER TABLE enrollments ADD COLUMN last_ended_at INTEGER;
        """,
        // What a charge was, opt-outs, and the booked end of a wait. Charges of before keep their packed form: they
        // count in every scope, and so do open deliveries without a channel.
        """
        ALTER TABLE mailboxes ADD COLUMN opted_out BLOB;
        ALTER TABLE enrollments ADD COLUMN permitted_at INTEGER;
        ALTER TABLE deliveries ADD COLUMN campaign INTEGER;
        ALTER TABLE deliveries ADD COLUMN channel INTEGER;
        ALTER TABLE deliveries ADD COLUMN topic;
        ALTER TABLE deliveries ADD COLUMN counts INTEGER NOT NULL DEFAULT 1;
        """,
        // Late work that has no catch-up slot yet: 1, else NULL.
        """
        ALTER TABLE enrollments ADD COLUMN needs_slot INTEGER;
        """,
        // Since when a lead is paused, and why. NULL for a pause of before, which then counts from its end: what passed in
        // it is lateness, as it was.
        """
        ALTER TABLE leads ADD COLUMN paused_since INTEGER;
        ALTER TABLE leads ADD COLUMN pause_note TEXT;
        """,
        // Nobody noted when a pause of before began: no later than dripd was last at work.
        """
        UPDATE leads SET paused_since = min(paused_until, coalesce(
            (SELECT nullif(n, 0) FROM gauges WHERE name = 'lastTurn'), paused_until))
            WHERE paused_until IS NOT NULL AND paused_since IS NULL;
        CREATE INDEX leads_by_pause ON leads (paused_until) WHERE paused_until IS NOT NULL;
        """,
        // The transports that steps name. What waits for one stands apart in `timers`: see `Names.number(of:)`.
        """
        CREATE TABLE transports (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
        """,
        // How long a lead's own pause held the step that it waits for; NULL for not at all.
        """
        ALTER TABLE enrollments ADD COLUMN rested INTEGER;
        """,
        // Returned letters that were acted upon, by the mail server's own names for them.
        """
        CREATE TABLE letters (n INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE);
        """,
        // When the attempt was marked that may have arrived although its step goes again; NULL for none. What waited to go
        // again before this migration is told by its reason and its reserved delivery.
        """
        ALTER TABLE enrollments ADD COLUMN doubted_at INTEGER;
        UPDATE enrollments SET doubted_at =
            (SELECT marked_at FROM deliveries d WHERE d.enrollment = enrollments.id AND d.state = 0)
            WHERE waiting_for = 'unknownOutcome';
        """,
        // What a lead did, for conditions (a packed list); which arms an enrollment took (`step=arm;step=arm`, steps by number), what tells
        // its run from others, and what the event that began it brought along (packed attributes).
        """
        ALTER TABLE leads ADD COLUMN events BLOB;
        ALTER TABLE enrollments ADD COLUMN choices TEXT;
        ALTER TABLE enrollments ADD COLUMN run_key TEXT;
        ALTER TABLE enrollments ADD COLUMN data BLOB;
        """,
        // What a step was called first; NULL where it is called so still, and nothing else ever was.
        """
        ALTER TABLE steps ADD COLUMN first_name TEXT;
        """,
        // Leads that were merged: their keys and mailboxes of then, and the numbers of their enrollments.
        """
        ALTER TABLE leads ADD COLUMN merged_into INTEGER;
        CREATE INDEX leads_by_merge ON leads (merged_into) WHERE merged_into IS NOT NULL;
        CREATE INDEX leads_merged_by_mailbox ON leads (mailbox) WHERE merged_into IS NOT NULL;
        CREATE TABLE moves (enrollment INTEGER PRIMARY KEY, now_is INTEGER NOT NULL);
        CREATE INDEX moves_by_number ON moves (now_is);
        DROP VIEW readable_leads;
        CREATE VIEW readable_leads AS
            SELECT l.id, coalesce(l.key, m.address) AS key, coalesce(l.written, m.address) AS address,
                CASE typeof(l.zone) WHEN 'integer' THEN (SELECT text FROM words WHERE id = l.zone) ELSE l.zone END AS zone,
                CASE typeof(l.locale) WHEN 'integer' THEN (SELECT text FROM words WHERE id = l.locale)
                    ELSE l.locale END AS locale,
                m.suppressed, m.suppressed_note, l.merged_into
            FROM leads l LEFT JOIN mailboxes m ON m.id = l.mailbox;
        """,
        // How many runs took each arm of a step that decides, and how many of those reached the goal: of before, the runs alone.
        """
        CREATE TABLE arms (
            campaign INTEGER NOT NULL, step INTEGER NOT NULL, arm TEXT NOT NULL, runs INTEGER NOT NULL,
            goals INTEGER NOT NULL, PRIMARY KEY (campaign, step, arm)) WITHOUT ROWID;
        INSERT INTO arms
            WITH RECURSIVE part (campaign, rest, one) AS (
                SELECT campaign, choices || ';', '' FROM enrollments WHERE choices IS NOT NULL
                UNION ALL
                SELECT campaign, substr(rest, instr(rest, ';') + 1), substr(rest, 1, instr(rest, ';') - 1)
                    FROM part WHERE rest <> '')
            SELECT campaign, CAST(substr(one, 1, instr(one, '=') - 1) AS INTEGER), substr(one, instr(one, '=') + 1),
                count(*), 0 FROM part WHERE one <> '' GROUP BY 1, 2, 3;
        """,
        // The version of its campaign by which an enrollment goes on: NULL for the latest, as all of before do.
        """
        ALTER TABLE enrollments ADD COLUMN version;
        CREATE INDEX enrollments_by_version ON enrollments (campaign, version) WHERE version IS NOT NULL AND status < 2;
        """,
        // Who asked to be forgotten, the secret that hides their addresses, and whose a mailbox was before (NULL: nobody's, or
        // from before this migration).
        """
        INSERT INTO meta VALUES ('erase', lower(hex(randomblob(32))));
        ALTER TABLE leads ADD COLUMN erased_at INTEGER;
        ALTER TABLE mailboxes ADD COLUMN former INTEGER;
        CREATE INDEX mailboxes_by_former ON mailboxes (former) WHERE former IS NOT NULL;
        CREATE INDEX leads_erased ON leads (erased_at) WHERE erased_at IS NOT NULL;
        """,
        // Who may use the API, and what senders called the events of the last days: `hash` is of the name, `said` of the event.
        """
        CREATE TABLE tokens (
            name TEXT PRIMARY KEY, hash TEXT NOT NULL UNIQUE, scopes TEXT NOT NULL, created_at INTEGER NOT NULL)
            WITHOUT ROWID;
        CREATE TABLE event_ids (
            n INTEGER PRIMARY KEY, hash BLOB NOT NULL UNIQUE, said BLOB NOT NULL, at INTEGER NOT NULL,
            lead INTEGER NOT NULL);
        CREATE INDEX event_ids_by_lead ON event_ids (lead);
        CREATE INDEX mailboxes_suppressed ON mailboxes (id) WHERE suppressed IS NOT NULL;
        """,
        // What pruned journal entries had added to the counters of all days.
        """
        CREATE TABLE pruned (
            campaign INTEGER NOT NULL, kind INTEGER NOT NULL, reason TEXT NOT NULL, n INTEGER NOT NULL,
            PRIMARY KEY (campaign, kind, reason)) WITHOUT ROWID;
        """,
        // What leads agreed to in sign-up forms, and what they filled in that nobody has confirmed yet (packed attributes).
        """
        CREATE TABLE consents (
            id INTEGER PRIMARY KEY AUTOINCREMENT, lead INTEGER NOT NULL, form TEXT NOT NULL, text BLOB NOT NULL,
            state TEXT NOT NULL, asked_at INTEGER NOT NULL, asked_from TEXT NOT NULL, page TEXT NOT NULL,
            holds INTEGER NOT NULL, confirmed_at INTEGER, confirmed_from TEXT, given BLOB);
        CREATE INDEX consents_by_lead ON consents (lead, id);
        """,
        // Where a lead stands (NULL: a lead that never moved), since when, whether it may be qualified again, and when it is to be
        // looked at.
        """
        ALTER TABLE leads ADD COLUMN stage INTEGER;
        ALTER TABLE leads ADD COLUMN stage_since INTEGER;
        ALTER TABLE leads ADD COLUMN stage_armed INTEGER;
        ALTER TABLE leads ADD COLUMN look_at INTEGER;
        CREATE INDEX leads_by_look ON leads (look_at) WHERE look_at IS NOT NULL;
        """,
        // Whose turn it is to take a lead over, where the last lead of each pool was given, and what came of them, by month.
        """
        CREATE TABLE owners (name TEXT PRIMARY KEY, turn INTEGER NOT NULL) WITHOUT ROWID;
        CREATE TABLE owner_pools (name TEXT PRIMARY KEY, turn INTEGER NOT NULL) WITHOUT ROWID;
        CREATE TABLE owner_figures (
            owner TEXT NOT NULL, month TEXT NOT NULL, kind TEXT NOT NULL, n INTEGER NOT NULL,
            PRIMARY KEY (owner, month, kind)) WITHOUT ROWID;
        """,
        // The roll-ups of reports, and what each lead and run adds to them (`ReportFacts.swift`). Of before, what the journal knows whole
        // is counted, by days of UTC: leads whose first line is there, and runs whose first line is there, without their messages.
        """
        CREATE TABLE figures (
            basis INTEGER NOT NULL, dimension INTEGER NOT NULL, month INTEGER NOT NULL, value INTEGER NOT NULL,
            campaign INTEGER NOT NULL, step INTEGER NOT NULL, measure INTEGER NOT NULL, n INTEGER NOT NULL,
            PRIMARY KEY (basis, dimension, month, value, campaign, step, measure)) WITHOUT ROWID;
        CREATE TABLE figure_values (
            id INTEGER PRIMARY KEY, dimension INTEGER NOT NULL, text TEXT NOT NULL, UNIQUE (dimension, text));
        ALTER TABLE leads ADD COLUMN figures TEXT;
        ALTER TABLE enrollments ADD COLUMN figures TEXT;
        CREATE TEMP TABLE begun AS
            SELECT lead, enrollment, kind, at, reason FROM journal
            WHERE (prev IS NULL AND (enrollment IS NULL OR kind = 2)) OR reason IN ('goalReached', 'heldOut');
        CREATE INDEX temp.begun_by_enrollment ON begun (enrollment);
        CREATE INDEX temp.begun_by_lead ON begun (lead);
        UPDATE leads SET figures =
            (SELECT printf('d%d,%d;', min(at) / 86400000, min(at)) FROM begun
                WHERE lead = leads.id AND reason IS NULL HAVING count(*) > 0)
            || CASE stage WHEN 1 THEN printf('m%d,%d;', stage_since / 86400000, stage_since)
                WHEN 2 THEN printf('q%d,%d;', stage_since / 86400000, stage_since)
                WHEN 3 THEN printf('c%d,%d;', stage_since / 86400000, stage_since) ELSE '' END
            WHERE merged_into IS NULL AND id IN (SELECT lead FROM begun WHERE reason IS NULL AND enrollment IS NULL);
        UPDATE enrollments SET figures = printf('d%d;', enrolled_at / 86400000)
            || CASE WHEN EXISTS (SELECT 1 FROM begun b WHERE b.enrollment = enrollments.id AND b.reason = 'heldOut')
                THEN 'h;' ELSE '' END
            || coalesce((SELECT printf('w%d;', min(at) / 86400000) FROM begun b
                WHERE b.enrollment = enrollments.id AND b.reason = 'goalReached' HAVING count(*) > 0), '')
            WHERE id IN (SELECT enrollment FROM begun WHERE kind = 2);
        INSERT INTO figure_values (id, dimension, text)
            SELECT row_number() OVER (ORDER BY arm), 4, arm FROM (SELECT DISTINCT arm FROM arms ORDER BY arm LIMIT 200);
        INSERT INTO figures
            SELECT 6, 4, 0, v.id, a.campaign, a.step, 9, a.runs FROM arms a
                JOIN figure_values v ON v.dimension = 4 AND v.text = a.arm WHERE a.runs <> 0
            UNION ALL
            SELECT 6, 4, 0, v.id, a.campaign, a.step, 10, a.goals FROM arms a
                JOIN figure_values v ON v.dimension = 4 AND v.text = a.arm WHERE a.goals <> 0;
        DROP TABLE begun;
        INSERT INTO meta VALUES ('figures', 'to be added up');
        """,
        // Changes of leads on their way to CRMs: of each lead and CRM the first has a `due_at`, dead letters a `died_at`. What a CRM was
        // told of a lead last, and how much there is of each.
        """
        CREATE TABLE pushes (
            id INTEGER PRIMARY KEY AUTOINCREMENT, transport TEXT NOT NULL, lead INTEGER NOT NULL, key TEXT NOT NULL,
            address TEXT, at INTEGER NOT NULL, changed TEXT NOT NULL, facts BLOB, history TEXT NOT NULL, due_at INTEGER,
            attempts INTEGER NOT NULL, tried_at INTEGER, said TEXT NOT NULL, died_at INTEGER);
        CREATE INDEX pushes_due ON pushes (transport, due_at, id) WHERE due_at IS NOT NULL;
        CREATE INDEX pushes_waiting ON pushes (transport, id) WHERE died_at IS NULL;
        CREATE INDEX pushes_dead ON pushes (id) WHERE died_at IS NOT NULL;
        CREATE INDEX pushes_by_lead ON pushes (lead, transport, id);
        CREATE TABLE told (
            lead INTEGER NOT NULL, transport TEXT NOT NULL, mark INTEGER NOT NULL, PRIMARY KEY (lead, transport))
            WITHOUT ROWID;
        CREATE TABLE push_counts (
            transport TEXT PRIMARY KEY, waiting INTEGER NOT NULL, dead INTEGER NOT NULL) WITHOUT ROWID;
        """,
        // What became of an owner's leads by day (of before, by month), promises that run, and roll-ups of one campaign. All roll-ups are
        // added up again, since days have more of them.
        """
        ALTER TABLE owner_figures RENAME COLUMN month TO day;
        CREATE TABLE promises (
            lead INTEGER PRIMARY KEY, owner TEXT NOT NULL, is_follow_up INTEGER NOT NULL, due_at INTEGER NOT NULL,
            quarter INTEGER NOT NULL);
        CREATE INDEX promises_by_owner ON promises (owner, is_follow_up, quarter, due_at);
        CREATE INDEX figures_by_campaign ON figures (basis, dimension, campaign, month);
        INSERT OR IGNORE INTO meta VALUES ('figures', 'to be added up');
        INSERT INTO meta VALUES ('promises', 'to be found');
        """,
        // Until which midnight everybody has been told of the weeks who gets the digest.
        "CREATE TABLE digests (recipient TEXT PRIMARY KEY, until INTEGER NOT NULL) WITHOUT ROWID;",
        // What a week, and a lead's next push, are found by without a walk over all of before; keys of whoever was erased, as hashes, with
        // that of the address. Promises end where a lead is won or out.
        """
        CREATE INDEX IF NOT EXISTS owner_figures_by_day ON owner_figures (day);
        CREATE INDEX IF NOT EXISTS pushes_following ON pushes (lead, transport, id) WHERE died_at IS NULL;
        CREATE TABLE erased_keys (key TEXT PRIMARY KEY, address TEXT, at INTEGER NOT NULL) WITHOUT ROWID;
        CREATE INDEX erased_keys_by_address ON erased_keys (address);
        INSERT OR IGNORE INTO meta VALUES ('promises', 'to be found');
        """,
    ]

    /// Brings the database to the newest schema; refuses one that is newer, or not ours.
    ///
    /// Answers whether there is anything to bring.
    static func migrate(_ db: Database) throws {
        let found = try Int.fetchOne(db, sql: "PRAGMA user_version") ?? 0
        guard found <= migrations.count else {
            throw StoreError(
                .newerSchema,
                """
                the state was written by a newer dripd (schema \(found), this one knows \(migrations.count)): \
                install that version again, or restore a backup from before the upgrade
                """)
        }
        if found == 0, try Int.fetchOne(db, sql: "SELECT count(*) FROM sqlite_master") != 0 {
            throw StoreError(.corrupt, "dripd.sqlite holds tables that are not dripd's: move the file away")
        }
        for number in found..<migrations.count {
            try db.inTransaction(.immediate) {
                try db.execute(sql: migrations[number])
                // A pragma takes no bound parameter; both are numbers of ours.
                try db.execute(
                    sql: "PRAGMA user_version = \(number + 1); PRAGMA application_id = \(applicationID)")
                return .commit
            }
        }
    }
}
