import PenstockServing

extension ServingConfiguration {
    /// A configuration with which no answer depends on how busy the machine is: requests may take an hour, and there is no
    /// warm-up to be measured wrong.
    package static func patient() -> ServingConfiguration {
        var configuration = ServingConfiguration()
        configuration.requestTimeout = .seconds(3600)
        configuration.warmsUp = false
        // By default it is a share of the memory that is left, of which nothing would be if many did so at one time.
        configuration.keyValueBytes = 64 << 20
        return configuration
    }
}
