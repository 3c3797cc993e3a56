/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.config;

import io.jubelet.document.Documents;
import io.jubelet.document.Finding;
import io.jubelet.document.Findings;
import io.jubelet.document.SmallFile;
import java.io.IOException;
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

    public LoadedConfig {
        errors = List.copyOf(errors);
        warnings = List.copyOf(warnings);
    }

    /**
     * Reads the file that {@code --config} names and the drop-ins of {@code --config-dir}, as far as they are given, and puts the
     * flags above them.
     *
     * @param hostname of this machine, the default of the node's name
     * @throws IOException when a file cannot be read; what is wrong with its content is among the errors
     */
    public static LoadedConfig load(FlagValues flags, String hostname) throws IOException {
        Findings findings = new Findings();
        ConfigFiles files = new ConfigFiles(findings);
        String file = flags.value(Settings.CONFIG).orElse("");
        if (!file.isEmpty()) {
            files.add(Path.of(file), SmallFile.read(Path.of(file), Documents.MAX_SIZE));
        }
        String directory = flags.value(Settings.CONFIG_DIR).orElse("");
        if (!directory.isEmpty()) {
            for (Path dropIn : ConfigFiles.dropIns(Path.of(directory))) {
                files.add(dropIn, SmallFile.read(dropIn, Documents.MAX_SIZE));
            }
        }
        return of(new SettingReader(flags, files, findings), findings, hostname);
    }

    /**
     * Parses the content of a KubeletConfiguration, and puts the flags above it.
     *
     * @param path of the file; relative paths in the content are resolved against its directory
     */
    static LoadedConfig parse(FlagValues flags, byte[] content, Path path, String hostname) {
        Findings findings = new Findings();
        ConfigFiles files = new ConfigFiles(findings);
        files.add(path, content);
        return of(new SettingReader(flags, files, findings), findings, hostname);
    }

    private static LoadedConfig of(SettingReader settings, Findings findings, String hostname) {
        NodeConfig node = NodeConfig.read(settings, hostname);
        RuntimeConfig runtime = RuntimeConfig.read(settings);
        ResourceConfig resources = ResourceConfig.read(settings);
        ListenerConfig listeners = ListenerConfig.read(settings);
        ClusterConfig cluster = ClusterConfig.read(settings);
        Optional<String> served = listeners.kubelet().isOpen() && findings.errorCount() == 0
                ? Optional.of(EffectiveConfiguration.json(settings))
                : Optional.empty();
        DaemonConfig config = new DaemonConfig(node, runtime, resources, listeners, cluster, served);
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
