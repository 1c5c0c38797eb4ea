internal import Declarations
public import Identity
internal import Kernel
internal import Logging
public import Shard

extension KeySetKeeper: KeyFetching {}

// Keys of issuers: fetched by the keeper, told to the shards, and to the log when something changes.
extension Gateway {
    /// Where an issuer's keys come from.
    func source(_ issuer: IssuerDeclaration) -> KeySource {
        let path = issuer.authoritiesFile
        return KeySource(
            id: issuer.source, issuer: issuer.issuer, keySetURL: issuer.keySetURL,
            authoritiesFile: path.isEmpty ? nil : path.hasPrefix("/") ? path : file.folder + "/" + path,
            refreshMilliseconds: issuer.refreshMilliseconds)
    }

    /// News of a source.
    func keysFetched(_ news: KeyBook.News) {
        data.post(.keys(source: news.source, news.keys))
        guard !news.remark.isEmpty else { return }
        let metadata: Logger.Metadata = ["issuer": "\(keys.issuer(of: news.source))", "reason": "\(news.remark)"]
        if news.keys?.isEmpty == true {
            logger.warning("an issuer has no keys that can be used; none of its tokens is accepted", metadata: metadata)
        } else if news.isProblem {
            logger.warning("the keys of an issuer cannot be had; those known last stay in force", metadata: metadata)
        } else {
            logger.notice("the keys of an issuer are in force", metadata: metadata)
        }
    }
}
