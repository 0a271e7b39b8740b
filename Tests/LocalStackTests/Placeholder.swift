@testable import LocalStack
