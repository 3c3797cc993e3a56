package io.jubelet.credentials;

import io.jubelet.document.Documents;
import io.jubelet.document.Findings;
import io.jubelet.document.Node;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;

/**
 * Reads Docker's files of credentials: {@code config.json}, where they are below {@code auths}, and the older
 * {@code .dockercfg}, which has nothing else. Pure.
 */
final class DockerConfig {

    /** In which of the two forms a text is. */
    enum Form {
        CONFIG_JSON,
        DOCKERCFG
    }

    /** What is wrong with such a text; the message shows nothing of it. */
    static final class BadConfigException extends Exception {
        private static final long serialVersionUID = 1L;

        BadConfigException(String message) {
            super(message);
        }
    }

    private DockerConfig() {}

    /**
     * Reads a text.
     *
     * @param source where it is from, for people
     * @throws BadConfigException when it is not such a text; an entry that is of no use is left out
     */
    static Keyring parse(byte[] content, Form form, String source) throws BadConfigException {
        Node root = Documents.readJson(new String(content, StandardCharsets.UTF_8), new Findings());
        if (!(root instanceof Node.Mapping all)) {
            throw new BadConfigException("is not a JSON object");
        }
        Node auths = form == Form.CONFIG_JSON ? all.get("auths") : all;
        if (auths == null || auths.isNull()) {
            return Keyring.EMPTY;
        }
        if (!(auths instanceof Node.Mapping registries)) {
            throw new BadConfigException("has auths that are not an object");
        }
        List<Keyring.Entry> entries = new ArrayList<>();
        for (Node.Entry registry : registries.entries()) {
            Optional<RegistryPattern> pattern = RegistryPattern.parse(registry.key());
            if (pattern.isPresent() && registry.value() instanceof Node.Mapping entry) {
                entries.add(new Keyring.Entry(pattern.get(), credential(entry, registry.key(), source)));
            }
        }
        return new Keyring(entries);
    }

    private static Credential credential(Node.Mapping entry, String registry, String source) throws BadConfigException {
        String username = text(entry, "username");
        String password = text(entry, "password");
        String auth = text(entry, "auth");
        if (!auth.isEmpty()) {
            String decoded = decode(auth, registry);
            int colon = decoded.indexOf(':');
            if (colon < 0) {
                throw new BadConfigException("has an auth for " + registry + " that is not user:password in base64");
            }
            username = decoded.substring(0, colon);
            password = decoded.substring(colon + 1);
        }
        return new Credential(username, password, text(entry, "identitytoken"), source);
    }

    /** Some tools pad it with line ends, some with zeros at the end of the password, and some do not pad it. */
    private static String decode(String auth, String registry) throws BadConfigException {
        try {
            byte[] bytes = Base64.getDecoder().decode(auth.replaceAll("\\s", ""));
            return new String(bytes, StandardCharsets.UTF_8).replaceAll("\0+$", "");
        } catch (IllegalArgumentException _) {
            throw new BadConfigException("has an auth for " + registry + " that is not base64");
        }
    }

    private static String text(Node.Mapping mapping, String name) {
        return mapping.get(name) instanceof Node.Scalar scalar && !scalar.isNull() ? scalar.value() : "";
    }
}
