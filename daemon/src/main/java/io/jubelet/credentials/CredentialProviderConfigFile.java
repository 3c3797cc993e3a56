/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.credentials;

import io.jubelet.document.Documents;
import io.jubelet.document.FieldReader;
import io.jubelet.document.FieldTable;
import io.jubelet.document.Finding;
import io.jubelet.document.Findings;
import io.jubelet.document.GoDuration;
import io.jubelet.document.Node;
import io.jubelet.document.SmallFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Parses a CredentialProviderConfig, which lists the plugins. Source: the API group
 * kubelet.config.k8s.io.
 *
 * <p>As with the kubelet, any error in it prevents the daemon from starting.
 */
public final class CredentialProviderConfigFile {

    private static final Set<String> FILE_VERSIONS =
            Set.of("kubelet.config.k8s.io/v1", "kubelet.config.k8s.io/v1beta1", "kubelet.config.k8s.io/v1alpha1");
    private static final Set<String> PLUGIN_VERSIONS = Set.of(
            "credentialprovider.kubelet.k8s.io/v1",
            "credentialprovider.kubelet.k8s.io/v1beta1",
            "credentialprovider.kubelet.k8s.io/v1alpha1");

    /** The largest file, in bytes. */
    private static final int MAX_BYTES = 1 << 20;

    private final Path directory;
    private final Findings findings = new Findings();
    private final List<CredentialProvider.Config> plugins = new ArrayList<>();
    private final Set<String> names = new HashSet<>();

    private CredentialProviderConfigFile(Path directory) {
        this.directory = directory;
    }

    /**
     * Reads the plugins of a file; blocks.
     *
     * @param directory the directory of their programs
     * @throws IOException when the file cannot be read
     * @throws IllegalArgumentException when it is invalid; the message lists all errors with their
     *     positions
     */
    public static List<CredentialProvider> read(Path file, Path directory, InstantSource clock) throws IOException {
        CredentialProviderProcess process = new CredentialProviderProcess(CredentialProviderProcess.TIMEOUT);
        return parse(SmallFile.read(file, MAX_BYTES), file, directory).stream()
                .map(config -> new CredentialProvider(config, process, clock))
                .toList();
    }

    static List<CredentialProvider.Config> parse(byte[] content, Path file, Path directory) {
        CredentialProviderConfigFile reading = new CredentialProviderConfigFile(directory.toAbsolutePath());
        reading.file(content);
        if (reading.findings.errorCount() > 0) {
            StringBuilder message = new StringBuilder();
            for (Finding error : reading.findings.errors()) {
                message.append(message.isEmpty() ? "" : "; ")
                        .append(file)
                        .append(':')
                        .append(error);
            }
            throw new IllegalArgumentException(message.toString());
        }
        return reading.plugins;
    }

    private void file(byte[] content) {
        List<Node> documents = Documents.read(content, findings);
        if (documents.size() != 1) {
            if (findings.errorCount() == 0) {
                findings.error(0, 0, "must contain one document, but has " + documents.size());
            }
            return;
        }
        FieldTable table = FieldTable.of("a CredentialProviderConfig").honoured("apiVersion", "kind", "providers");
        FieldReader fields = FieldReader.open(documents.getFirst(), "", table, findings);
        if (fields == null) {
            return;
        }
        oneOf(fields, "apiVersion", FILE_VERSIONS);
        oneOf(fields, "kind", Set.of("CredentialProviderConfig"));
        FieldTable provider = FieldTable.of("a credential provider")
                .honoured("name", "matchImages", "defaultCacheDuration", "apiVersion", "args", "env")
                .refused("needs service accounts, which only an API server has", "tokenAttributes");
        List<FieldReader> providers = fields.mappings("providers", provider);
        if (providers.isEmpty() && findings.errorCount() == 0) {
            fields.error("providers", "needs at least one provider");
        }
        providers.forEach(this::provider);
    }

    private void provider(FieldReader fields) {
        String name = fields.requiredText("name", "ecr-credential-provider");
        String version = oneOf(fields, "apiVersion", PLUGIN_VERSIONS);
        List<RegistryPattern> images = images(fields);
        Duration cacheDuration = cacheDuration(fields);
        if (name == null || version == null || !checkName(fields, name)) {
            return;
        }
        Path program = directory.resolve(name);
        if (!Files.isExecutable(program) || Files.isDirectory(program)) {
            fields.error("name", "there is no executable program " + program);
        }
        plugins.add(new CredentialProvider.Config(
                name, program, images, cacheDuration, version, fields.freeTexts("args"), environment(fields)));
    }

    private boolean checkName(FieldReader fields, String name) {
        if (name.contains("/") || name.contains(" ") || name.equals(".") || name.equals("..")) {
            fields.error("name", "must be the name of a program in " + directory + ", without / and spaces");
            return false;
        }
        if (!names.add(name)) {
            fields.error("name", "there is another provider \"" + name + "\"");
            return false;
        }
        return true;
    }

    private static List<RegistryPattern> images(FieldReader fields) {
        List<RegistryPattern> patterns = new ArrayList<>();
        for (String text : fields.texts("matchImages")) {
            Optional<RegistryPattern> pattern = text.contains("://") ? Optional.empty() : RegistryPattern.parse(text);
            pattern.ifPresentOrElse(
                    patterns::add,
                    () -> fields.error(
                            "matchImages", "must be like *.registry.example or registry.example/path, not " + text));
        }
        if (patterns.isEmpty() && !fields.has("matchImages")) {
            fields.error("matchImages", "must list image patterns, such as *.registry.example");
        }
        return patterns;
    }

    private static Duration cacheDuration(FieldReader fields) {
        String text = fields.requiredText("defaultCacheDuration", "12h");
        if (text != null) {
            try {
                Duration cacheDuration = GoDuration.parse(text);
                if (!cacheDuration.isNegative()) {
                    return cacheDuration;
                }
                fields.error("defaultCacheDuration", "must not be negative");
            } catch (IllegalArgumentException e) {
                fields.error("defaultCacheDuration", String.valueOf(e.getMessage()));
            }
        }
        return Duration.ZERO;
    }

    private static Map<String, String> environment(FieldReader fields) {
        Map<String, String> environment = new HashMap<>();
        FieldTable table = FieldTable.of("an environment variable").honoured("name", "value");
        for (FieldReader each : fields.mappings("env", table)) {
            String name = each.requiredText("name", "AWS_PROFILE");
            if (name != null) {
                environment.put(name, each.freeText("value", ""));
            }
        }
        return environment;
    }

    private static @Nullable String oneOf(FieldReader fields, String field, Set<String> values) {
        String example = values.stream().sorted().findFirst().orElseThrow();
        String text = fields.requiredText(field, example);
        if (text != null && !values.contains(text)) {
            fields.error(field, "must be " + example + ", not \"" + text + "\"");
            return null;
        }
        return text;
    }
}
