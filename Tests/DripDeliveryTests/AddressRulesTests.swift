import Glibc
import Testing

@testable import DripDelivery

@Suite struct AddressRulesTests {
    @Test(
        arguments: [
            ("8.8.8.8", .global), ("1.1.1.1", .global), ("172.15.255.255", .global), ("172.32.0.0", .global),
            ("100.63.255.255", .global), ("100.128.0.0", .global), ("198.20.0.0", .global),
            ("223.255.255.255", .global),
            ("127.0.0.1", .loopback), ("127.255.255.255", .loopback), ("10.0.0.0", .privateNetwork),
            ("10.255.255.255", .privateNetwork), ("172.16.0.1", .privateNetwork), ("172.31.255.255", .privateNetwork),
            ("192.168.1.1", .privateNetwork), ("100.64.0.1", .privateNetwork), ("198.18.0.1", .privateNetwork),
            ("0.0.0.0", .forbidden), ("0.1.2.3", .forbidden), ("169.254.169.254", .forbidden),
            ("100.100.100.200", .forbidden), ("192.0.0.1", .forbidden), ("192.0.2.1", .forbidden),
            ("198.51.100.7", .forbidden), ("203.0.113.7", .forbidden), ("224.0.0.1", .forbidden),
            ("240.0.0.1", .forbidden), ("255.255.255.255", .forbidden),
            ("2606:4700:4700::1111", .global), ("2a00:1450::1", .global), ("::1", .loopback), ("::", .forbidden),
            ("::ffff:8.8.8.8", .global), ("::ffff:127.0.0.1", .loopback), ("::ffff:10.0.0.1", .privateNetwork),
            ("::ffff:169.254.169.254", .forbidden), ("::7f00:1", .forbidden), ("64:ff9b::808:808", .global),
            ("64:ff9b::a9fe:a9fe", .forbidden), ("64:ff9b:1::1", .forbidden), ("2002:7f00:1::", .loopback),
            ("2002:a00:1::", .privateNetwork), ("2002:808:808::", .global), ("2001::1", .forbidden),
            ("2001:db8::1", .forbidden), ("2001:200::1", .global), ("3fff::1", .forbidden), ("fe80::1", .forbidden),
            ("fec0::1", .forbidden), ("fc00::1", .privateNetwork), ("fd12:3456::1", .privateNetwork),
            ("fd00:ec2::254", .forbidden), ("ff02::1", .forbidden), ("100::1", .forbidden), ("5f00::1", .forbidden),
        ] as [(String, AddressRules.Class)])
    func judges(text: String, expected: AddressRules.Class) throws {
        var four = sockaddr_in()
        var six = sockaddr_in6()
        if inet_pton(AF_INET, text, &four.sin_addr) == 1 {
            four.sin_family = sa_family_t(AF_INET)
            #expect(withUnsafeBytes(of: four) { AddressRules.judge($0) } == expected)
        } else {
            try #require(inet_pton(AF_INET6, text, &six.sin6_addr) == 1)
            six.sin6_family = sa_family_t(AF_INET6)
            #expect(withUnsafeBytes(of: six) { AddressRules.judge($0) } == expected)
        }
    }

    @Test func whatIsNoInternetAddressIsNone() {
        var local = sockaddr_un()
        local.sun_family = sa_family_t(AF_UNIX)
        #expect(withUnsafeBytes(of: local) { AddressRules.judge($0) } == nil)
        #expect(withUnsafeBytes(of: sa_family_t(AF_INET)) { AddressRules.judge($0) } == nil)
    }

    @Test(
        arguments: [
            (.global, [.global]), (.loopbackOnly, [.loopback]), (.privateToo, [.global, .loopback, .privateNetwork]),
        ] as [(AddressRules.Reach, [AddressRules.Class])])
    func reaches(reach: AddressRules.Reach, kinds: [AddressRules.Class]) {
        let all: [AddressRules.Class] = [.global, .loopback, .privateNetwork, .forbidden]
        #expect(all.filter(reach.includes) == kinds)
    }
}
