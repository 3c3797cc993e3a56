/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.rollout;

import io.jubelet.api.ClientException;
import io.jubelet.api.LocalClient;
import io.jubelet.desired.ManifestNames;
import io.jubelet.manifest.ManifestFile;
import io.jubelet.manifest.ObjectKey;
import io.jubelet.pod.NodeNames;
import io.jubelet.printing.Json;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/** What a running daemon tells of its manifests, by its local API. */
public final class DaemonManifests {

    /** Gets the answer of the daemon to a request. */
    @FunctionalInterface
    public interface Query {
        Json get(String target) throws ClientException, IOException;
    }

    /**
     * How the daemon reads its manifests.
     *
     * @param path a directory, or one file
     * @param singleFile whether it is one file
     * @param node the name of the node
     * @param localConfig whether ConfigMaps and Secrets are read
     * @param names which files are manifests
     * @param uid of the user of the daemon
     */
    public record Directory(
            Path path, boolean singleFile, String node, boolean localConfig, ManifestNames names, int uid) {

        /** Where a file belongs: into the directory under its own name, or it is the one file. */
        public Path target(Path file) {
            return singleFile
                    ? path
                    : path.resolve(file.toAbsolutePath().normalize().getFileName());
        }

        /** Why the daemon does not read a file of this name; empty if it does. */
        public Optional<String> unreadName(Path file) {
            return singleFile
                    ? Optional.empty()
                    : names.ignoredReason(file.getFileName().toString());
        }

        /** The source of a file, for its parser. */
        public ManifestFile.Source source(Path file) {
            return new ManifestFile.Source(file.toString(), NodeNames.of(node), localConfig, Optional.empty());
        }
    }

    /**
     * A version of a pod.
     *
     * @param hash of its content
     * @param document what the user wrote, as JSON
     */
    public record Version(String hash, Json document) {}

    /**
     * The versions of one pod.
     *
     * @param running a version other than the desired one that still runs
     * @param desired the version that was accepted
     */
    public record Versions(Optional<Version> running, Optional<Version> desired) {
        static final Versions NONE = new Versions(Optional.empty(), Optional.empty());
    }

    private final Query query;

    public DaemonManifests(Query query) {
        this.query = Objects.requireNonNull(query, "query");
    }

    /** Returns how the daemon reads its manifests. */
    public Directory directory() throws ClientException, IOException {
        Json answer = query.get("/" + ManifestEndpoint.DIRECTORY);
        return new Directory(
                Path.of(answer.at("path").text()),
                answer.at("singleFile").isTrue(),
                answer.at("node").text(),
                answer.at("localConfig").isTrue(),
                answer.at("manifestNames").text().equals("kubelet") ? ManifestNames.KUBELET : ManifestNames.YAML,
                answer.at("uid").number());
    }

    /** Returns the versions of a pod; both are empty if there is no such pod. */
    public Versions versions(ObjectKey pod) throws ClientException, IOException {
        Optional<Json> answer = find("/jubelet/v1/pods/" + path(pod) + "/versions");
        return answer.isEmpty()
                ? Versions.NONE
                : new Versions(
                        version(answer.get().at("running")),
                        version(answer.get().at("desired")));
    }

    private static Optional<Version> version(Json version) {
        return version.exists()
                ? Optional.of(new Version(version.at("hash").text(), version.at("document")))
                : Optional.empty();
    }

    /** Returns the explanation of a pod; empty if there is no such pod. */
    Optional<Json> describe(ObjectKey pod) throws ClientException, IOException {
        return find("/jubelet/v1/pods/" + path(pod) + "/describe");
    }

    /** Returns a ConfigMap; empty if there is no such ConfigMap. */
    Optional<Json> configMap(ObjectKey map) throws ClientException, IOException {
        return find("/" + ManifestEndpoint.CONFIG_MAPS + "/" + path(map));
    }

    private static String path(ObjectKey key) {
        return LocalClient.encode(key.namespace()) + "/" + LocalClient.encode(key.name());
    }

    private Optional<Json> find(String target) throws ClientException, IOException {
        try {
            return Optional.of(query.get(target));
        } catch (ClientException e) {
            if (e.isNotFound()) {
                return Optional.empty();
            }
            throw e;
        }
    }

    /** A file of the manifest directory: its state, its objects, and its problems in one line each. */
    record Entry(String state, List<ObjectKey> objects, List<String> problems) {}

    /** Returns the files of the manifest directory by their paths. */
    Map<String, Entry> entries() throws ClientException, IOException {
        Map<String, Entry> entries = new HashMap<>();
        for (Json item : query.get("/jubelet/v1/manifests").at("items").items()) {
            List<ObjectKey> objects = new ArrayList<>();
            item.at("pods").items().forEach(pod -> objects.add(key("Pod", pod.text())));
            for (Json config : item.at("configObjects").items()) {
                String[] words = config.text().split(" ", 2);
                objects.add(key(words[0], words[words.length - 1]));
            }
            List<String> problems = item.at("problems").items().stream()
                    .map(problem -> problem.at("message").text())
                    .toList();
            entries.put(item.at("path").text(), new Entry(item.at("state").text(), objects, problems));
        }
        return entries;
    }

    private static ObjectKey key(String kind, String name) {
        int slash = name.indexOf('/');
        return new ObjectKey(kind, name.substring(0, Math.max(0, slash)), name.substring(slash + 1));
    }
}
