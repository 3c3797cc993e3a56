/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.config;

import io.jubelet.document.Documents;
import io.jubelet.document.Finding;
import io.jubelet.document.Findings;
import io.jubelet.document.Node;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The configuration that flags and a file give, and what was found while it was read.
 *
 * @param config must not be used when there are errors
 * @param errors everything that is wrong, each with its flag, or its file and line
 * @param warnings about settings without effect, each with its flag, or its file and line
 */
public record LoadedConfig(DaemonConfig config, List<String> errors, List<String> warnings) {

    private static final String API_VERSION = "kubelet.config.k8s.io/v1beta1";
    private static final String KIND = "KubeletConfiguration";
    private static final Node.Mapping EMPTY = new Node.Mapping(0, 0, List.of());

    public LoadedConfig {
        errors = List.copyOf(errors);
        warnings = List.copyOf(warnings);
    }

    /**
     * Reads the file that {@code --config} names, if it is given, and puts the flags above it.
     *
     * @param hostname of this machine, the default of the node's name
     * @throws IOException when the file cannot be read; what is wrong with its content is among the errors
     */
    public static LoadedConfig load(FlagValues flags, String hostname) throws IOException {
        Optional<String> file = flags.value(Settings.CONFIG);
        if (file.isEmpty()) {
            Findings findings = new Findings();
            return of(new SettingReader(flags, EMPTY, Optional.empty(), findings), findings, hostname);
        }
        Path path = Path.of(file.get());
        return parse(flags, Files.readAllBytes(path), path, hostname);
    }

    /**
     * Parses the content of a KubeletConfiguration, and puts the flags above it.
     *
     * @param path of the file; relative paths in the content are resolved against its directory
     */
    static LoadedConfig parse(FlagValues flags, byte[] content, Path path, String hostname) {
        Findings findings = new Findings();
        List<Node> documents = Documents.read(content, findings);
        Node.Mapping document = EMPTY;
        if (documents.size() == 1 && documents.getFirst() instanceof Node.Mapping mapping) {
            document = mapping;
        } else if (documents.size() == 1) {
            Node other = documents.getFirst();
            findings.error(
                    other, "", "must be a mapping of fields of a KubeletConfiguration, but is " + other.describe());
        } else if (findings.errorCount() == 0) {
            findings.error(0, 0, "", "must contain one document, and there are " + documents.size());
        }
        SettingReader settings = new SettingReader(flags, document, Optional.of(path), findings);
        if (findings.errorCount() == 0 || !document.entries().isEmpty()) {
            require(settings, Settings.API_VERSION, API_VERSION);
            require(settings, Settings.KIND, KIND);
        }
        return of(settings, findings, hostname);
    }

    private static void require(SettingReader settings, Setting setting, String value) {
        String text = settings.text(setting).orElse("");
        if (text.isEmpty()) {
            settings.error(setting, "is required; write \"" + setting.name() + ": " + value + "\"");
        } else if (!text.equals(value)) {
            settings.error(setting, "must be " + value + ", but is \"" + text + "\"");
        }
    }

    private static LoadedConfig of(SettingReader settings, Findings findings, String hostname) {
        DaemonConfig config = new DaemonConfig(
                NodeConfig.read(settings, hostname),
                RuntimeConfig.read(settings),
                ResourceConfig.read(settings),
                ListenerConfig.read(settings),
                ClusterConfig.read(settings));
        return new LoadedConfig(config, located(settings, findings.errors()), located(settings, findings.warnings()));
    }

    private static List<String> located(SettingReader settings, List<Finding> findings) {
        List<String> located = new ArrayList<>(findings.size());
        for (Finding finding : findings) {
            located.add(settings.located(finding));
        }
        return located;
    }
}
