internal import Kernel
internal import Logging

// Which files are watched: the configuration, and those that its `tls` names.
extension Gateway {
    /// Watches what the plan in force was read from. Where that is other files than before, they are looked at once more: they may
    /// have changed before the watch began.
    func watchFiles() {
        var places: [(folder: String, name: String)] = []
        for path in [file.path] + plan.tls.paths {
            for place in Self.places(of: path) where !places.contains(where: { $0 == place }) { places.append(place) }
        }
        guard places.map({ $0.folder + "/" + $0.name }) != watches.map(\.path) else { return }
        if !watches.isEmpty { reloadDue = SystemClock.monotonicNanoseconds() + Self.debounceNanoseconds }
        watches = []
        for place in places { watch(place.folder, place.name) }
    }

    /// A file's folder and, when the file is a link, the folder it leads to.
    private static func places(of path: String) -> [(folder: String, name: String)] {
        let file = ConfigurationFile(path: path)
        var places = [(folder: file.folder, name: file.name)]
        if let real = try? FileBytes.realPath(path) {
            let target = ConfigurationFile(path: real)
            if target.folder != (try? FileBytes.realPath(file.folder)) || target.name != file.name {
                places.append((target.folder, target.name))
            }
        }
        return places
    }

    private func watch(_ folder: String, _ name: String) {
        do throws(SystemError) {
            let watched = WatchedFolder(try FileWatch(folder: folder, name: name), path: folder + "/" + name)
            try poller.add(watched.watch, value: Token.watches + UInt64(watches.count))
            watches.append(watched)
        } catch {
            logger.warning(
                "a file is not watched: reload by `martlet reload` or SIGHUP",
                metadata: ["folder": "\(folder)", "name": "\(name)", "error": "\(error)"])
        }
    }
}
