// What the weekly digest says: figures of seven days and of the seven before, from the roll-ups alone.
//
// The rule: everything is of days of the policy's zone, and exact. What happened counts on its day. A rate is of those that began in
// the week: MQLs of the leads made in it, by its end; so both weeks had as much time, and no rate is above 100 %. Of e-mails, opens
// and clicks count until now, under the day on which the e-mail was accepted.
//
// Edge cases: costs are paid for months, and no week has a share of one: they stand as what they are. Overdue is what is overdue now,
// whenever it was given. Amounts of before the upgrade to this schema are known by their month alone, and in no week.

package struct DigestReport: Hashable, Sendable, Codable {
    package struct Week: Hashable, Sendable, Codable {
        package var first: LocalDate
        package var last: LocalDate
        package var leads: Int
        package var mqls: Int
        package var sqls: Int
        package var customers: Int
        package var leadToMQL: Rate
        package var mqlToSQL: Rate
        package var sqlToCustomer: Rate
        package var leadToCustomer: Rate
        package var mail: Report.Mail
        package var money: Report.Money

        private enum CodingKeys: String, CodingKey {
            case first, last, leads, mqls, sqls, customers, mail, money
            case leadToMQL = "leadToMql"
            case mqlToSQL = "mqlToSql"
            case sqlToCustomer, leadToCustomer
        }

        package init(
            _ period: DigestPeriod, leads: Int, mqls: Int, sqls: Int, customers: Int, leadToMQL: Rate, mqlToSQL: Rate,
            sqlToCustomer: Rate, leadToCustomer: Rate, mail: Report.Mail, money: Report.Money
        ) {
            first = period.first
            last = period.last
            self.leads = leads
            self.mqls = mqls
            self.sqls = sqls
            self.customers = customers
            self.leadToMQL = leadToMQL
            self.mqlToSQL = mqlToSQL
            self.sqlToCustomer = sqlToCustomer
            self.leadToCustomer = leadToCustomer
            self.mail = mail
            self.money = money
        }
    }

    /// What was paid for a month that the week has days of.
    package struct Cost: Hashable, Sendable, Codable {
        package var month: Month
        package var amount: Amount

        package init(month: Month, amount: Amount) {
            self.month = month
            self.amount = amount
        }
    }

    /// One owner: what was given in either week, and what is overdue.
    package struct Owner: Hashable, Sendable, Codable {
        package var name: String
        /// Not answered although the time is over, as of now and whenever it was given.
        package var overdue: Int
        package var followUpsOverdue: Int
        package var week: OwnerLine
        package var before: OwnerLine

        package init(name: String, overdue: Int, followUpsOverdue: Int, week: OwnerLine, before: OwnerLine) {
            self.name = name
            self.overdue = overdue
            self.followUpsOverdue = followUpsOverdue
            self.week = week
            self.before = before
        }
    }

    package var week: Week
    package var before: Week
    package var costs: [Cost]
    /// Whoever has most overdue first.
    package var owners: [Owner]
    package var currency: String?
    /// The language in which it goes; nil for English.
    package var locale: String?
    package var timeZone: String
    package var writtenAt: Instant

    package init(
        week: Week, before: Week, costs: [Cost], owners: [Owner], currency: String?, locale: String?, timeZone: String,
        writtenAt: Instant
    ) {
        self.week = week
        self.before = before
        self.costs = costs
        self.owners = owners
        self.currency = currency
        self.locale = locale
        self.timeZone = timeZone
        self.writtenAt = writtenAt
    }
}
