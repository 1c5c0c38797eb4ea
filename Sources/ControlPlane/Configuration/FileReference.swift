/// A file that the configuration names, and where it does.
///
/// The reader opens no file. Who does can say what is wrong with one by `ConfigurationReport.adding(_:)`, at this place.
public struct FileReference: Sendable, Equatable {
    /// As written: absolute, or relative to the folder of the configuration file.
    public var path: String
    /// From 1.
    public var line: Int
    /// From 1, in characters.
    public var column: Int

    public init(path: String, line: Int, column: Int) {
        self.path = path
        self.line = line
        self.column = column
    }
}
