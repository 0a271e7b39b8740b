import Glibc

/// How many descriptors (files, connections) the process may have open.
package enum DescriptorLimit {
    /// Raises the limit as far as the system allows (getrlimit(2)), and tells what it is now.
    package static func raised() -> Int {
        let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
        var limit = rlimit()
        guard getrlimit(resource, &limit) == 0 else { return 1024 }
        let before = limit.rlim_cur
        limit.rlim_cur = limit.rlim_max
        let isRaised = setrlimit(resource, &limit) == 0
        return Int(clamping: isRaised ? limit.rlim_max : before)
    }
}
