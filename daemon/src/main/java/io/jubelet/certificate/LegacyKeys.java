package io.jubelet.certificate;

import java.io.IOException;
import java.io.StringReader;
import java.security.PrivateKey;
import org.bouncycastle.openssl.PEMKeyPair;
import org.bouncycastle.openssl.PEMParser;
import org.bouncycastle.openssl.jcajce.JcaPEMKeyConverter;

/** Reads keys in the forms PKCS#1 and SEC1, which Java does not know. Loads BouncyCastle. */
final class LegacyKeys {

    private LegacyKeys() {}

    /** @param block one whole block in PEM */
    static PrivateKey read(PemText pem, String block) throws UnusableCertificateException {
        try (PEMParser parser = new PEMParser(new StringReader(block))) {
            if (parser.readObject() instanceof PEMKeyPair pair) {
                return new JcaPEMKeyConverter().getPrivateKey(pair.getPrivateKeyInfo());
            }
            throw new UnusableCertificateException(pem + ": the private key is encrypted");
        } catch (UnusableCertificateException e) {
            throw e;
        } catch (IOException e) {
            throw new UnusableCertificateException(pem + ": the private key is damaged: " + e.getMessage(), e);
        }
    }
}
