package io.jubelet.config;

import io.jubelet.document.FieldReader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * What is said of certificates, by flags or a KubeletConfiguration; what is not said is empty.
 *
 * @param bootstrapKubeconfig how to ask for the first client certificate
 * @param certDir where certificates are kept
 * @param rotate whether the client certificate is renewed before it expires
 */
public record CertificateSettings(
        Optional<Path> bootstrapKubeconfig, Optional<Path> certDir, Optional<Boolean> rotate) {

    /** Nothing is said. */
    public static final CertificateSettings UNSAID =
            new CertificateSettings(Optional.empty(), Optional.empty(), Optional.empty());

    public CertificateSettings {
        Objects.requireNonNull(bootstrapKubeconfig, "bootstrapKubeconfig");
        Objects.requireNonNull(certDir, "certDir");
        Objects.requireNonNull(rotate, "rotate");
    }

    /** The flags of the command line, which win over a file. */
    public static CertificateSettings flags(Optional<Path> bootstrapKubeconfig, Optional<Path> certDir) {
        return new CertificateSettings(bootstrapKubeconfig, certDir, Optional.empty());
    }

    /** These, and what they do not say from others. */
    public CertificateSettings or(CertificateSettings others) {
        return new CertificateSettings(
                bootstrapKubeconfig.or(others::bootstrapKubeconfig),
                certDir.or(others::certDir),
                rotate.or(others::rotate));
    }

    /**
     * What is wrong with them.
     *
     * @param kubeconfig where the result of a bootstrap is written
     */
    public List<String> wrong(Optional<Path> kubeconfig) {
        List<String> wrong = new ArrayList<>();
        if (bootstrapKubeconfig.isPresent() && kubeconfig.isEmpty()) {
            wrong.add(
                    "--bootstrap-kubeconfig needs --kubeconfig: the file where the kubeconfig is written when there is a"
                            + " client certificate");
        }
        return wrong;
    }

    /** Reads the fields of a KubeletConfiguration; what is wrong is noted. */
    static CertificateSettings parse(FieldReader fields) {
        return new CertificateSettings(
                Optional.empty(),
                Optional.empty(),
                fields.has("rotateCertificates")
                        ? Optional.of(fields.flag("rotateCertificates", false))
                        : Optional.empty());
    }
}
