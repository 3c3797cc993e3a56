/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.events;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * Compares the reasons of the kubelet's events and rejections, as its source of 1.36 declares them, with those of Jubelet. Each
 * is used, or Jubelet has none, for a reason. {@code tools/kubelet-records.sh} writes the record of the kubelet's.
 */
class KubeletReasonsTest {

    private static final Path SOURCES = Path.of("src/main/java/io/jubelet");

    private static final String EDIT = "an edit of the resources makes a new pod";
    private static final String ATTACHED = "there are no attached or persistent volumes";
    private static final String CERTIFICATES = "there are no PodCertificate volumes";
    private static final String SHUTDOWN = "systemd stops the daemon; there is no shutdown manager";

    /** Why there is no event of these reasons. */
    private static final Map<String, String> NO_EVENT = Map.ofEntries(
            Map.entry("AlreadyMountedVolume", ATTACHED),
            Map.entry("FailedAttachVolume", ATTACHED),
            Map.entry("FailedMapVolume", ATTACHED),
            Map.entry("FailedMountOnFilesystemMismatch", ATTACHED),
            Map.entry("FileSystemResizeFailed", ATTACHED),
            Map.entry("FileSystemResizeSuccessful", ATTACHED),
            Map.entry("SuccessfulAttachVolume", ATTACHED),
            Map.entry("SuccessfulMountVolume", ATTACHED),
            Map.entry("VolumeConditionAbnormal", ATTACHED),
            Map.entry("VolumeResizeFailed", ATTACHED),
            Map.entry("VolumeResizeSuccessful", ATTACHED),
            Map.entry("VolumePermissionChangeInProgress", "the volumes that get a group are small or empty"),
            Map.entry("CertificateExpired", CERTIFICATES),
            Map.entry("CertificateOverdueForRefresh", CERTIFICATES),
            Map.entry("CgroupV1", "cgroup v1 is supported"),
            Map.entry("CheckLimitsForResolvConf", "a pod whose resolv.conf is cut has DNSConfigForming"),
            Map.entry("ContainerGCFailed", "each worker removes its dead containers, and the failure is in its status"),
            Map.entry("EvictionThresholdMet", "nothing evicts pods for the sake of the node"),
            Map.entry("Preempting", "nothing evicts pods for the sake of others"),
            Map.entry("ExceededGracePeriod", "the kubelet records it for pods that it evicts"),
            Map.entry("FailedKillPod", "a stop is retried until the runtime has done it"),
            Map.entry("FailedSync", "the kubelet records it when its cache of statuses fails"),
            Map.entry("FailedPodSandBoxStatus", "a sandbox without a status is observed again"),
            Map.entry("FailedNodeAllocatableEnforcement", "the limits above pods are set and logged at the start"),
            Map.entry("NodeAllocatableEnforced", "the limits above pods are set and logged at the start"),
            Map.entry("FailedNodeDeclaredFeaturesCheck", "the scheduler declares features, and static pods pass none"),
            Map.entry("FailedPrepareDynamicResources", "static pods have no resource claims"),
            Map.entry("FailedValidation", "a second manifest of a pod is refused with its file and line"),
            Map.entry("HostIPsIPFamilyMismatch", "there is no cloud provider"),
            Map.entry("InvalidImageID", "an image without an ID cannot be named"),
            Map.entry("KubeletSetupFailed", "a daemon that cannot start exits with the reason"),
            Map.entry("LifecycleHTTPFallback", "a hook of scheme HTTPS is never sent in the clear"),
            Map.entry("PossibleMemoryBackedVolumesOnDisk", "the log says so"),
            Map.entry("ResizeCompleted", EDIT),
            Map.entry("ResizeDeferred", EDIT),
            Map.entry("ResizeError", EDIT),
            Map.entry("ResizeInfeasible", EDIT),
            Map.entry("ResizeStarted", EDIT),
            Map.entry("Shutdown", SHUTDOWN),
            Map.entry("SystemOOM", "the kills of a pod's own cgroup are in its status"));

    /** Why no pod is rejected for these reasons. */
    private static final Map<String, String> NO_REJECTION = Map.of(
            "Evicted", "the node has no pressure for which the kubelet rejects pods",
            "InvalidNodeInfo", "the node is never unknown",
            "NodeShutdown", SHUTDOWN,
            "PodFeatureUnsupported", "the kubelet rejects what later releases can do",
            "PodLevelResourcesNotSupported", "they are supported",
            "PodOSNotSupported", "a pod of another OS is refused when its manifest is read",
            "UnexpectedAdmissionError", "only devices and CPU sets lead to it",
            "UnexpectedPredicateFailureType", "it is an error of the kubelet's own",
            "UnknownReason", "it is an error of the kubelet's own");

    /** Reasons that are not literals in the source, and the literal that they are made from. */
    private static final Map<String, String> MADE = Map.of(
            "ErrImageNeverPull", "error.name()",
            "FailedPreStopHook", "\"Failed\" + which + \"Hook\"",
            "OutOfcpu", "\"OutOf\" + resource",
            "OutOfmemory", "\"OutOf\" + resource",
            "OutOfephemeral-storage", "\"OutOf\" + resource",
            "OutOfpods", "\"OutOf\" + resource");

    /** Reasons of Jubelet alone, of what the kubelet does not do or does not tell. */
    private static final List<String> OWN = List.of(
            "DirectoryCreated", "ImageVolumesNotSupported", "ManifestDirectoryEmpty", "ManifestDirectoryReadable");

    private final Map<String, TreeSet<String>> kubelet = new HashMap<>();
    private final String sources;

    KubeletReasonsTest() throws IOException {
        try (InputStream in = KubeletReasonsTest.class.getResourceAsStream("/kubelet/reasons-1.36.txt")) {
            for (String line : new String(in.readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .toList()) {
                String[] words = line.split(" ");
                kubelet.computeIfAbsent(words[0], _ -> new TreeSet<>()).add(words[1]);
            }
        }
        try (Stream<Path> files = Files.walk(SOURCES)) {
            StringBuilder all = new StringBuilder();
            for (Path file :
                    files.filter(path -> path.toString().endsWith(".java")).toList()) {
                all.append(Files.readString(file));
            }
            sources = all.toString();
        }
    }

    @Test
    void everyEventOfTheKubeletIsRecordedOrHasAReason() {
        compare("event", NO_EVENT);
    }

    @Test
    void everyRejectionOfTheKubeletIsMadeOrHasAReason() {
        compare("rejection", NO_REJECTION);
    }

    private void compare(String kind, Map<String, String> without) {
        TreeSet<String> all = kubelet.get(kind);
        assertTrue(all.size() > 10, all::toString);
        assertTrue(all.containsAll(without.keySet()), "reasons that the kubelet does not have");
        for (String reason : all) {
            boolean used = sources.contains(MADE.getOrDefault(reason, "\"" + reason + "\""));
            assertEquals(
                    without.containsKey(reason) && !isBoth(reason),
                    !used,
                    kind + " " + reason + (used ? " is used" : " is neither used nor said why not"));
        }
    }

    /** An event for which no pod is rejected. */
    private boolean isBoth(String reason) {
        return kubelet.get("event").contains(reason) && kubelet.get("rejection").contains(reason);
    }

    /** Calls that record an event with a literal reason record one of the kubelet's or a known one of ours. */
    @Test
    void everyRecordedReasonIsKnown() {
        Map<String, Boolean> seen = new LinkedHashMap<>();
        Matcher call = Pattern.compile("(?:events|recorder)\\.(?:normal|warning)\\(([^;]*?)\\);", Pattern.DOTALL)
                .matcher(sources);
        while (call.find()) {
            Matcher literal =
                    Pattern.compile("\"([A-Z][a-z]+(?:[A-Z][A-Za-z]*)?)\"").matcher(call.group(1));
            if (literal.find()) {
                seen.put(
                        literal.group(1),
                        OWN.contains(literal.group(1)) || kubelet.get("event").contains(literal.group(1)));
            }
        }
        assertTrue(seen.size() > 8, seen::toString);
        assertFalse(
                seen.containsValue(false),
                () -> seen.entrySet().stream()
                        .filter(each -> !each.getValue())
                        .map(Map.Entry::getKey)
                        .collect(Collectors.joining(", ")));
    }
}
