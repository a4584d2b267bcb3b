import Crypto
import _CryptoExtras

/// How a passphrase becomes the key that a private key is encrypted with.
package enum KeyDerivation: Sendable, Hashable {
    /// scrypt (RFC 7914): `cost` is N, a power of two.
    case scrypt(cost: Int, blockSize: Int, parallelism: Int)
    /// PBKDF2 (RFC 8018) with HMAC over a digest.
    case pbkdf2(iterations: Int, digest: Digest)

    /// The digests of PBKDF2.
    package enum Digest: Sendable, Hashable {
        /// SHA-1; read, never written.
        case sha1
        /// SHA-256.
        case sha256
        /// SHA-384; read, never written.
        case sha384
        /// SHA-512.
        case sha512
    }

    /// What keys are encrypted with unless told otherwise.
    ///
    /// 16 MiB and ten passes: N = 2^14 is the largest that OpenSSL opens within its fixed limit of 32 MiB; the passes
    /// make an attempt cost more than one with N = 2^17 and a single pass.
    package static let standard = KeyDerivation.scrypt(cost: 1 << 14, blockSize: 8, parallelism: 10)

    /// PBKDF2 for readers that do not know scrypt.
    package static let portable = KeyDerivation.pbkdf2(iterations: 600_000, digest: .sha256)

    /// The most memory that deriving may take, in bytes.
    package static let maximumMemory = 256 * 1_024 * 1_024

    /// The most bytes that scrypt may work through: a few seconds.
    package static let maximumWork = 1_024 * 1_024 * 1_024

    /// The most iterations of PBKDF2: a few seconds.
    package static let maximumIterations = 10_000_000

    /// What makes the parameters unusable; nil when they are within the bounds.
    ///
    /// A file says itself how long reading it takes, so that has to be bounded before anything is derived.
    var fault: String? {
        switch self {
        case .scrypt(let cost, let blockSize, let parallelism):
            guard cost > 1, cost & (cost - 1) == 0, blockSize > 0, parallelism > 0 else {
                return "scrypt parameters that are out of range"
            }
            // Each alone first, so that no product overflows.
            guard cost <= 1 << 24, blockSize <= 64, parallelism <= 1_024,
                128 * cost * blockSize <= Self.maximumMemory, 128 * cost * blockSize * parallelism <= Self.maximumWork
            else { return "scrypt parameters that would take more memory or time than is allowed" }
            return nil
        case .pbkdf2(let iterations, _):
            guard (1...Self.maximumIterations).contains(iterations) else {
                return "\(iterations) iterations of PBKDF2, where 1 to \(Self.maximumIterations) are allowed"
            }
            return nil
        }
    }

    /// Derives a key of `size` bytes.
    ///
    /// - Throws: ``PKIError`` with `malformedKey` for parameters out of bounds, or `signingFailed` when the
    ///   cryptography library refuses.
    func key(from passphrase: Passphrase, salt: [UInt8], size: Int) throws(PKIError) -> SymmetricKey {
        if let fault { throw PKIError(.malformedKey, "the private key is encrypted with \(fault)") }
        do {
            switch self {
            case .scrypt(let cost, let blockSize, let parallelism):
                return try KDF.Scrypt.deriveKey(
                    from: passphrase.bytes,
                    salt: salt,
                    outputByteCount: size,
                    rounds: cost,
                    blockSize: blockSize,
                    parallelism: parallelism
                )
            case .pbkdf2(let iterations, let digest):
                // Unchecked because keys that others encrypted have fewer; those that are written here do not.
                return try KDF.Insecure.PBKDF2.deriveKey(
                    from: passphrase.bytes,
                    salt: salt,
                    using: digest.function,
                    outputByteCount: size,
                    unsafeUncheckedRounds: iterations
                )
            }
        } catch {
            throw PKIError(.signingFailed, "the cryptography library could not derive a key from the passphrase")
        }
    }
}

extension KeyDerivation.Digest {
    fileprivate var function: KDF.Insecure.PBKDF2.HashFunction {
        switch self {
        case .sha1: .insecureSHA1
        case .sha256: .sha256
        case .sha384: .sha384
        case .sha512: .sha512
        }
    }
}
