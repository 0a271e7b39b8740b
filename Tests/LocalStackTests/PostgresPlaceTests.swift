import Testing

@testable import LocalStack

@Suite("Finding PostgreSQL and its files")
struct PostgresPlaceTests {
    private let installed = [9, 13, 15, 17].map { PostgresBinaries(directory: "/\($0)", major: $0) }

    @Test(
        "A cluster is served by its own version, a new one made with the newest",
        arguments: [(Int?.none, Int?.some(17)), (15, 15), (13, 13), (16, nil)])
    func version(cluster: Int?, chosen: Int?) {
        #expect(PostgresBinaries.choose(from: installed, cluster: cluster)?.major == chosen)
    }

    @Test("A version that is too old makes no new cluster")
    func tooOld() {
        #expect(PostgresBinaries.choose(from: Array(installed.prefix(2)), cluster: nil) == nil)
    }

    @Test("Only directories of versions with all programs count")
    func incomplete() {
        let found = PostgresBinaries.installed(under: "/pg", names: ["15", "16", "common"]) { $0 != "/pg/16/bin" }
        #expect(found == [PostgresBinaries(directory: "/pg/15/bin", major: 15)])
    }

    @Test("Data directories have different places outside themselves, each always the same")
    func places() {
        let one = PostgresCluster.place(under: "/var", for: "/root/a/.local")
        #expect(one == PostgresCluster.place(under: "/var", for: "/root/a/.local"))
        #expect(one != PostgresCluster.place(under: "/var", for: "/root/b/.local"))
        #expect(one.count == "/var/".count + 16)
    }

    @Test(
        "A server is ready when its lock file says so",
        arguments: [("ready   ", true), ("starting", false), ("stopping", false), ("standby ", false)])
    func lockFile(status: String, ready: Bool) {
        let text = "4711\n/data\n1700000000\n5432\n\n127.0.0.1\n  5432001     65536\n\(status)\n"
        #expect(PostmasterFile(text)?.pid == 4711)
        #expect(PostmasterFile(text)?.isReady == ready)
    }

    @Test("A lock file that is unfinished or another's is no server's", arguments: ["", "x", "-12\n/data\n"])
    func noServer(text: String) {
        #expect(PostmasterFile(text) == nil)
    }

    @Test("A lock file still being written is of a server that is not ready")
    func unfinished() {
        #expect(PostmasterFile("4711\n/data\n")?.isReady == false)
    }
}
