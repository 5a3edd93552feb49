import Foundation
import Glibc

/// What the system says of this process, by the names that Prometheus' own clients use.
enum ProcessMetrics {
    static func write(to text: inout MetricText) {
        if let fields = try? String(contentsOfFile: "/proc/self/stat", encoding: .utf8) {
            // Behind the name, which may hold blanks, the first field is the third of proc(5).
            let words = fields.split(separator: ")").last?.split(separator: " ").map(String.init) ?? []
            let ticks = Double(max(1, sysconf(Int32(_SC_CLK_TCK))))
            if words.count > 21, let user = Double(words[11]), let system = Double(words[12]),
                let pages = Double(words[21])
            {
                text.single(
                    "process_cpu_seconds_total", .counter, "Processor time used, in seconds.", (user + system) / ticks)
                text.single(
                    "process_resident_memory_bytes", .gauge, "Memory in use, in bytes.", pages * Double(getpagesize()))
            }
        }
        if let descriptors = try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd") {
            text.single("process_open_fds", .gauge, "Open file descriptors.", Double(descriptors.count))
        }
        var limit = rlimit()
        if getrlimit(__rlimit_resource_t(7), &limit) == 0 {
            text.single("process_max_fds", .gauge, "How many may be open.", Double(limit.rlim_cur))
        }
    }
}
