/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
import io.jubelet.certificate.CertificateSubject;
import io.jubelet.certificate.CertificateIssuer;
import io.jubelet.optional.OptionalLibraries;
import io.jubelet.node.FileModes;
import java.nio.file.Path;
import java.time.Instant;

/** Uses the libraries that a distribution keeps off its class path. Run by dist.sh with that class path. */
final class OptionalLibrariesCheck {

    private OptionalLibrariesCheck() {}

    public static void main(String[] arguments) throws Exception {
        String certificate = CertificateIssuer.selfSigned(CertificateSubject.ofNode("check"), Instant.now())
                .chain()
                .getFirst()
                .getSubjectX500Principal()
                .getName();
        int mode = OptionalLibraries.load(FileModes.class, "io.jubelet.node.JnrPosix").mode(Path.of("/dev/null"), true);
        if (!certificate.contains("check") || (mode & 0170000) != 0020000) {
            throw new AssertionError(certificate + " " + mode);
        }
    }
}
