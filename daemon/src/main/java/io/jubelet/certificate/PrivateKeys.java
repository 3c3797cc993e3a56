/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.certificate;

import java.security.GeneralSecurityException;
import java.security.InvalidAlgorithmParameterException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.NoSuchAlgorithmException;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.PKCS8EncodedKeySpec;
import java.security.spec.X509EncodedKeySpec;
import java.util.List;
import java.util.Optional;

/** Reads, generates and writes private keys. Stateless. */
public final class PrivateKeys {

    private static final String PKCS8 = "PRIVATE KEY";

    /** The key algorithms that Kubernetes certificates use. */
    private static final List<String> ALGORITHMS = List.of("EC", "RSA", "EdDSA", "RSASSA-PSS");

    private PrivateKeys() {}

    /** Reads the first private key of a text. */
    public static PrivateKey read(PemText pem) throws UnusableCertificateException {
        for (PemText.Block block : pem.blocks()) {
            switch (block.label()) {
                case PKCS8 -> {
                    return pkcs8(pem, block.der());
                }
                case "RSA PRIVATE KEY", "EC PRIVATE KEY" -> {
                    return CertificateIssuer.legacyKey(pem, block.lines());
                }
                case "ENCRYPTED PRIVATE KEY" ->
                    throw new UnusableCertificateException(
                            pem + ": the private key is encrypted; a daemon cannot prompt"
                                    + " for the password, so the key must be unencrypted");
                default -> {
                    // A certificate, or the EC parameters before a key.
                }
            }
        }
        throw new UnusableCertificateException(pem + ": contains no private key");
    }

    private static PrivateKey pkcs8(PemText pem, byte[] der) throws UnusableCertificateException {
        InvalidKeySpecException last = null;
        for (String algorithm : ALGORITHMS) {
            try {
                return KeyFactory.getInstance(algorithm).generatePrivate(new PKCS8EncodedKeySpec(der));
            } catch (InvalidKeySpecException e) {
                last = e;
            } catch (NoSuchAlgorithmException e) {
                throw new IllegalStateException("every Java has keys of the kind " + algorithm, e);
            }
        }
        throw new UnusableCertificateException(
                pem + ": the private key is malformed, or not an EC, RSA or Ed25519 key", last);
    }

    /** Reads a key pair whose public key has a block of its own. */
    static KeyPair readPair(PemText pem) throws UnusableCertificateException {
        for (PemText.Block block : pem.blocks()) {
            if (block.label().equals("PUBLIC KEY")) {
                try {
                    PublicKey shown = KeyFactory.getInstance("EC").generatePublic(new X509EncodedKeySpec(block.der()));
                    return new KeyPair(shown, read(pem));
                } catch (InvalidKeySpecException | NoSuchAlgorithmException e) {
                    throw new UnusableCertificateException(pem + ": the public key is damaged", e);
                }
            }
        }
        throw new UnusableCertificateException(pem + ": contains no public key");
    }

    /** Generates a key on the curve P-256, as the kubelet does. */
    public static KeyPair generate() {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(new ECGenParameterSpec("secp256r1"));
            return generator.generateKeyPair();
        } catch (NoSuchAlgorithmException | InvalidAlgorithmParameterException e) {
            throw new IllegalStateException("every Java has P-256", e);
        }
    }

    /** Returns a key in PEM in the format PKCS#8, which every reader supports. */
    public static String pem(PrivateKey key) {
        return PemText.block(PKCS8, key.getEncoded());
    }

    /**
     * Returns whether a private and a public key belong together; empty when their algorithm cannot
     * be checked.
     */
    static Optional<Boolean> match(PrivateKey key, PublicKey publicKey) {
        if (!kind(key.getAlgorithm()).equals(kind(publicKey.getAlgorithm()))) {
            return Optional.of(false);
        }
        String algorithm = switch (kind(key.getAlgorithm())) {
            case "EC" -> "SHA256withECDSA";
            case "RSA" -> "SHA256withRSA";
            case "EdDSA" -> "EdDSA";
            default -> "";
        };
        if (algorithm.isEmpty()) {
            return Optional.empty();
        }
        byte[] said = {1, 2, 3};
        try {
            Signature signing = Signature.getInstance(algorithm);
            signing.initSign(key);
            signing.update(said);
            byte[] signature = signing.sign();
            Signature verifying = Signature.getInstance(algorithm);
            verifying.initVerify(publicKey);
            verifying.update(said);
            return Optional.of(verifying.verify(signature));
        } catch (GeneralSecurityException e) {
            return Optional.of(false); // different curves or key lengths
        }
    }

    private static String kind(String algorithm) {
        return algorithm.startsWith("Ed") ? "EdDSA" : algorithm;
    }
}
