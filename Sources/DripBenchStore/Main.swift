@main
struct DripBenchStore {
    static func main() {}
}
