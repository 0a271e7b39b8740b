import ArgumentParser
import Configuration
import Foundation
import GatewayService

extension GatewayCommand {
    struct Contract: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Write openapi.json and asyncapi.json, which describe the interface, into a directory.")

        @Argument(help: "The directory.", completion: .directory)
        var directory: String

        func run() throws {
            let folder = URL(filePath: directory, directoryHint: .isDirectory)
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            for document in try GatewayService.documents() {
                try Data(document.text.utf8).write(to: folder.appending(path: document.name))
            }
        }
    }
}
