/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.desired;

import io.jubelet.document.Documents;
import io.jubelet.document.FileProblem;
import io.jubelet.document.Finding;
import io.jubelet.document.Findings;
import io.jubelet.manifest.FileAccess;
import io.jubelet.manifest.ManifestFile;
import io.jubelet.manifest.ObjectKey;
import io.jubelet.pod.NodeNames;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/**
 * Checks files as the daemon does, before they are in its directory: with the parsers, the names of manifests and the ownership of
 * objects of this package. The files of one instance are checked against each other. It keeps of each file what it found and the
 * names of its objects, and not the objects, so that a directory of any size can be checked. Not thread-safe.
 */
public final class ManifestCheck {

    /**
     * How the daemon is started.
     *
     * @param nodes the name of the node
     * @param localConfig whether ConfigMaps and Secrets are read
     * @param names which files of a directory are manifests
     * @param access whether mode and owner of files are checked, which counts for the directory of the daemon only
     */
    public record Rules(NodeNames nodes, boolean localConfig, ManifestNames names, boolean access) {
        public Rules {
            Objects.requireNonNull(nodes, "nodes");
            Objects.requireNonNull(names, "names");
        }
    }

    /** The object of a document, and its place. */
    private record Declared(ObjectKey key, int line, int column) {}

    /** What was read from a file. */
    private record Content(
            String path,
            CheckedFile.Outcome outcome,
            List<Declared> objects,
            List<Finding> errors,
            List<Finding> warnings,
            List<ConfigReference> references) {}

    private static final String ENTRIES = " entries, and the daemon reads " + DirectoryScan.MAX_ENTRIES
            + ": those that were there before and the first manifests by name; move what is no manifest elsewhere";

    private final Rules rules;
    private final List<Content> files = new ArrayList<>();
    private final Map<ObjectKey, String> owners = new HashMap<>();
    /** The keys of each ConfigMap and Secret; empty for one with errors, whose keys are not known. */
    private final Map<ObjectKey, Optional<Set<String>>> configs = new HashMap<>();

    private boolean whole;

    public ManifestCheck(Rules rules) {
        this.rules = rules;
    }

    /**
     * Reads one file, whatever its name; blocks until it ends if it is a pipe.
     *
     * @throws IOException when it cannot be read
     */
    public void file(Path file) throws IOException {
        Optional<FileAccess> access = Optional.empty();
        if (rules.access()) {
            DirectoryEntry entry = DirectoryEntry.statNamed(file.toAbsolutePath());
            access = entry == null ? Optional.empty() : Optional.ofNullable(entry.access());
        }
        try (InputStream in = Files.newInputStream(file)) {
            content(file.toString(), in.readNBytes(Documents.MAX_SIZE + 1), access);
        }
    }

    /**
     * Takes the content of a file.
     *
     * @param path names it in findings
     */
    public void content(String path, byte[] content) {
        content(path, content, Optional.empty());
    }

    /**
     * Reads the manifests of a directory as the daemon would if it were the manifest directory. A pod whose ConfigMap or
     * Secret is in none of them causes a warning. A file that cannot be read is in the result.
     *
     * @throws IOException when the directory cannot be listed
     */
    public void directory(Path directory) throws IOException {
        List<Path> paths = new ArrayList<>();
        try (DirectoryStream<Path> stream = Files.newDirectoryStream(directory)) {
            stream.forEach(paths::add);
        } catch (DirectoryIteratorException e) {
            throw Objects.requireNonNull(e.getCause());
        }
        paths.sort(null);
        whole = rules.localConfig();
        if (paths.size() > DirectoryScan.MAX_ENTRIES) {
            notRead(directory, CheckedFile.Outcome.READ, "has " + paths.size() + ENTRIES);
        }
        for (Path path : paths) {
            DirectoryEntry entry = DirectoryEntry.stat(path.toAbsolutePath(), rules.names());
            if (entry != null) {
                entry(path, entry);
            }
        }
    }

    private void entry(Path path, DirectoryEntry entry) {
        if (entry.isReadByKubeletOnly() && KubeletOnlyFiles.looksLikePod(path)) {
            notRead(
                    path,
                    CheckedFile.Outcome.NOT_READ,
                    "looks like a pod, but " + entry.ignoredReason().orElseThrow() + ManifestReport.WAY_OUT);
        } else if (entry.ignoredReason().isPresent()) {
            notRead(
                    path,
                    entry.stamp() == null ? CheckedFile.Outcome.UNREADABLE : CheckedFile.Outcome.IGNORED,
                    entry.ignoredReason().get());
        } else {
            try (InputStream in = Files.newInputStream(path)) {
                content(
                        path.toString(),
                        in.readNBytes(Documents.MAX_SIZE + 1),
                        rules.access() ? Optional.of(entry.manifestAccess()) : Optional.empty());
            } catch (IOException e) {
                notRead(path, CheckedFile.Outcome.UNREADABLE, "cannot be read: " + FileProblem.reason(e));
            }
        }
    }

    private void notRead(Path path, CheckedFile.Outcome outcome, String why) {
        files.add(new Content(path.toString(), outcome, List.of(), List.of(), List.of(Finding.ofFile(why)), List.of()));
    }

    private void content(String path, byte[] content, Optional<FileAccess> access) {
        String absolute = Path.of(path).toAbsolutePath().normalize().toString();
        ManifestFile file = ManifestFile.parse(
                content, new ManifestFile.Source(absolute, rules.nodes(), rules.localConfig(), access));
        List<Finding> warnings = new ArrayList<>(file.warnings());
        if (!file.accepted()) {
            warnings.addAll(DocumentMerge.of(List.of(), file, Set.of()).findings());
        }
        List<Declared> objects = new ArrayList<>();
        for (ManifestFile.Document document : file.documents()) {
            objects.add(new Declared(document.key(), document.line(), document.column()));
            owners.putIfAbsent(document.key(), path);
            if (document.content() instanceof ManifestFile.OfConfig(var object, String _)) {
                configs.putIfAbsent(
                        document.key(), Optional.of(Set.copyOf(object.files().keySet())));
            }
        }
        for (ManifestFile.Rejected rejected : file.rejected()) {
            rejected.key().ifPresent(key -> configs.put(key, Optional.empty()));
        }
        List<ConfigReference> references = mayRefer(content) ? ConfigReference.of(content) : List.of();
        files.add(new Content(path, CheckedFile.Outcome.READ, objects, file.errors(), warnings, references));
    }

    /** Whether a file might refer to a ConfigMap or Secret; most do not, and need not be parsed twice. */
    private static boolean mayRefer(byte[] content) {
        String text = new String(content, StandardCharsets.ISO_8859_1);
        return content.length <= Documents.MAX_SIZE && (text.contains("onfigMap") || text.contains("ecret"));
    }

    /** What was found in each file, in the order in which they were read. */
    public List<CheckedFile> result() {
        List<CheckedFile> result = new ArrayList<>(files.size());
        for (Content file : files) {
            Findings found = new Findings();
            file.errors().forEach(found::error);
            file.warnings().forEach(found::warn);
            List<ObjectKey> objects = new ArrayList<>();
            for (Declared declared : file.objects()) {
                String owner = Objects.requireNonNull(owners.get(declared.key()), "an owner");
                objects.add(declared.key());
                if (!owner.equals(file.path())) {
                    found.error(ObjectOwnership.conflict(declared.key(), declared.line(), declared.column(), owner));
                }
            }
            if (whole) {
                missing(file.references(), found);
            }
            result.add(new CheckedFile(file.path(), file.outcome(), objects, found.errors(), found.warnings()));
        }
        return result;
    }

    private void missing(List<ConfigReference> references, Findings found) {
        Set<ObjectKey> named = new HashSet<>();
        for (ConfigReference reference : references) {
            ObjectKey key = reference.object();
            Optional<Set<String>> keys = configs.get(key);
            if (keys == null) {
                if (reference.key().isEmpty() && named.add(key)) {
                    found.warn(
                            reference.line(),
                            reference.column(),
                            reference.field(),
                            key.inWords() + " is in no file of this directory; the pod waits until one declares it");
                }
            } else if (reference.key().isPresent()
                    && keys.isPresent()
                    && !keys.get().contains(reference.key().get())) {
                found.warn(
                        reference.line(),
                        reference.column(),
                        reference.field(),
                        key.inWords() + " has no key \"" + reference.key().get()
                                + "\"; the pod waits until it has one");
            }
        }
    }
}
