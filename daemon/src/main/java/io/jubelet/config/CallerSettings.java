package io.jubelet.config;

import io.jubelet.document.FieldReader;
import io.jubelet.document.FieldTable;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;

/**
 * Who may ask the listener, and what: the fields {@code authentication} and {@code authorization}, with the kubelet's defaults.
 *
 * @param authority a file with the authorities of callers' certificates
 * @param tokens whether the API server is asked whose token a caller shows; empty: wherever there is one
 * @param tokenTtl how long it counts whose a token is
 * @param mode who says what a caller may
 * @param allowedTtl how long it counts that a caller may
 * @param deniedTtl how long it counts that a caller may not
 */
public record CallerSettings(
        Optional<Path> authority,
        Optional<Boolean> tokens,
        Duration tokenTtl,
        Mode mode,
        Duration allowedTtl,
        Duration deniedTtl) {

    /** Who says what a caller may. */
    public enum Mode {
        /** The API server, by a SubjectAccessReview. */
        Webhook,
        /** Nobody: who is known may everything that is served. */
        AlwaysAllow
    }

    /** Nothing is said. */
    static final CallerSettings UNSAID = new CallerSettings(
            Optional.empty(),
            Optional.empty(),
            Duration.ofMinutes(2),
            Mode.Webhook,
            Duration.ofMinutes(5),
            Duration.ofSeconds(30));

    private static final FieldTable AUTHENTICATION =
            FieldTable.of("authentication").honoured("x509", "anonymous", "webhook");
    private static final FieldTable X509 = FieldTable.of("authentication.x509").honoured("clientCAFile");
    private static final FieldTable ANONYMOUS =
            FieldTable.of("authentication.anonymous").honoured("enabled");
    private static final FieldTable TOKENS =
            FieldTable.of("authentication.webhook").honoured("enabled", "cacheTTL");
    private static final FieldTable AUTHORIZATION =
            FieldTable.of("authorization").honoured("mode", "webhook");
    private static final FieldTable REVIEWS =
            FieldTable.of("authorization.webhook").honoured("cacheAuthorizedTTL", "cacheUnauthorizedTTL");

    public CallerSettings {
        Objects.requireNonNull(authority, "authority");
        Objects.requireNonNull(tokens, "tokens");
        Objects.requireNonNull(tokenTtl, "tokenTtl");
        Objects.requireNonNull(mode, "mode");
        Objects.requireNonNull(allowedTtl, "allowedTtl");
        Objects.requireNonNull(deniedTtl, "deniedTtl");
    }

    /**
     * Reads the fields of a KubeletConfiguration; what is wrong is noted.
     *
     * @param listening whether anything is served
     */
    static CallerSettings parse(FieldReader fields, Path directory, boolean listening) {
        CallerSettings said = UNSAID;
        FieldReader authentication = fields.mapping("authentication", AUTHENTICATION);
        if (authentication != null) {
            said = said.authentication(authentication, directory, listening);
        }
        FieldReader authorization = fields.mapping("authorization", AUTHORIZATION);
        return authorization == null ? said : said.authorization(authorization);
    }

    private CallerSettings authentication(FieldReader fields, Path directory, boolean listening) {
        FieldReader x509 = fields.mapping("x509", X509);
        FieldReader anonymous = fields.mapping("anonymous", ANONYMOUS);
        FieldReader webhook = fields.mapping("webhook", TOKENS);
        if (listening && anonymous != null && anonymous.flag("enabled", false)) {
            anonymous.error("enabled", "must be false: whoever asks says who that is");
        }
        boolean said = webhook != null && webhook.has("enabled");
        return new CallerSettings(
                x509 == null ? authority : ListenerSettings.path(x509, "clientCAFile", directory),
                said ? Optional.of(webhook.flag("enabled", true)) : tokens,
                webhook == null ? tokenTtl : ttl(webhook, "cacheTTL", tokenTtl),
                mode,
                allowedTtl,
                deniedTtl);
    }

    private CallerSettings authorization(FieldReader fields) {
        FieldReader webhook = fields.mapping("webhook", REVIEWS);
        return new CallerSettings(
                authority,
                tokens,
                tokenTtl,
                fields.choice("mode", Mode.values(), mode),
                webhook == null ? allowedTtl : ttl(webhook, "cacheAuthorizedTTL", allowedTtl),
                webhook == null ? deniedTtl : ttl(webhook, "cacheUnauthorizedTTL", deniedTtl));
    }

    private static Duration ttl(FieldReader fields, String name, Duration unsaid) {
        return KubeletConfigurationFile.duration(fields, name).orElse(unsaid);
    }
}
