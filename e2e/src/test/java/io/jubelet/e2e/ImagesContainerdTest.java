/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jubelet.cri.Container;
import java.time.Duration;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** Images from a real registry, on real containerd. */
class ImagesContainerdTest extends PulledPods {

    private static final Duration LONG = Duration.ofSeconds(180);

    // --- troubles

    @Test
    void missingTagIsReportedAndPulledOnceItExists() throws Exception {
        registry.push("app", "1", "one", 0);
        daemon.start();
        daemon.write("a.yaml", pod("a", image(registry.host() + "/app:2"), "IfNotPresent", ""));
        daemon.await("the trouble", () -> status("a").contains("\"ErrImagePull\""));
        assertTrue(status("a").contains(registry.host() + "/app:2: not found"), status("a"));
        registry.push("app", "2", "two", 0);
        awaitOutput(daemon.awaitRunning("a"), "mark=two");
    }

    @Test
    void aRegistryThatIsDownIsNamedSoAndTriedAgain() throws Exception {
        registry.push("app", "1", "back", 0);
        registry.stop();
        daemon.start();
        daemon.write("a.yaml", pod("a", image(registry.host() + "/app:1"), "IfNotPresent", ""));
        daemon.await("the trouble", () -> status("a").contains("\"RegistryUnavailable\""));
        assertTrue(status("a").contains("because the registry is unavailable"), status("a"));
        registry.start();
        awaitOutput(daemon.awaitRunning("a"), "mark=back");
        assertTrue(events("a").contains("Error: RegistryUnavailable"), events("a"));
    }

    @Test
    void aDownloadThatBreaksOffIsFinishedLater() throws Exception {
        try (RegistryProxy proxy = new RegistryProxy(registry.port())) {
            registry.push("app", "1", "resumed", 20 << 20);
            daemon.start();
            proxy.allow(8 << 20);
            daemon.write("a.yaml", pod("a", image(proxy.host() + "/app:1"), "IfNotPresent", ""));
            daemon.await("a part of the download", () -> proxy.passed() > 3 << 20);
            proxy.cut();
            proxy.allow(1 << 30);
            awaitOutput(daemon.awaitRunning("a"), "mark=resumed");
        }
    }

    // --- what is pulled, and how often

    @Test
    void pullPolicyNeverDoesNotDelayOtherPods() throws Exception {
        registry.push("app", "1", "one", 0);
        daemon.start();
        String image = image(registry.host() + "/app:1");
        daemon.write("never.yaml", pod("never", image, "Never", ""));
        daemon.await("the refusal", () -> status("never").contains("\"ErrImageNeverPull\""));
        daemon.write("may.yaml", pod("may", image, "IfNotPresent", ""));
        Container may = daemon.awaitRunning("may");
        awaitOutput(may, "mark=one");
        // What the other has pulled is there for this one, too.
        daemon.awaitRunning("never");
        assertTrue(
                events("never").contains("Container image \"" + image + "\" is not present with pull policy of Never"),
                events("never"));
    }

    @Test
    void aDigestIsWhatRuns() throws Exception {
        String digest = registry.push("app", "1", "first", 0);
        registry.push("app", "1", "second", 0);
        daemon.start();
        String image = image(registry.host() + "/app@" + digest);
        daemon.write("a.yaml", pod("a", image, "IfNotPresent", ""));
        awaitOutput(daemon.awaitRunning("a"), "mark=first");
        daemon.await("the digest in the status", () -> status("a").contains("\"imageID\":\"" + image + "\""));
    }

    @Test
    void anImageThatManyWaitForIsPulledOnce() throws Exception {
        try (RegistryProxy proxy = new RegistryProxy(registry.port())) {
            registry.push("app", "1", "shared", 1 << 20);
            daemon.start();
            String image = image(proxy.host() + "/app:1");
            for (int i = 0; i < 10; i++) {
                daemon.write("p" + i + ".yaml", pod("p" + i, image, i % 2 == 0 ? "IfNotPresent" : "Always", ""));
            }
            daemon.await("all to wait for the pull", () -> {
                for (int i = 0; i < 10; i++) {
                    if (!status("p" + i).contains("pulling image " + image)) {
                        return false;
                    }
                }
                return true;
            });
            proxy.allow(1 << 30);
            for (int i = 0; i < 10; i++) {
                daemon.awaitRunning("p" + i);
            }
            // The layer of zeros and the configuration; that of busybox may be there already.
            List<String> blobs = registry.log()
                    .lines()
                    .filter(line -> line.contains("GET /v2/app/blobs/"))
                    .map(line -> line.substring(line.indexOf("sha256:"), line.indexOf(" HTTP/")))
                    .toList();
            assertTrue(blobs.size() >= 2, registry.log());
            assertEquals(blobs.stream().distinct().toList(), blobs);
            assertEquals(1, registry.requests("HEAD /v2/app/manifests/1", 200), registry.log());
        }
    }

    // --- progress

    @Test
    void theProgressOfALargeLayerIsShown() throws Exception {
        try (RegistryProxy proxy = new RegistryProxy(registry.port())) {
            registry.push("big", "1", "big", 1L << 30);
            daemon.start();
            String image = image(proxy.host() + "/big:1");
            proxy.allow(200L << 20);
            daemon.write("a.yaml", pod("a", image, "IfNotPresent", ""));
            Pattern progress =
                    Pattern.compile(Pattern.quote("pulling image " + image) + " for \\d+s: ([0-9.]+) of ([0-9.]+) MiB");
            daemon.await(
                    "progress",
                    LONG,
                    () -> progress.matcher(daemon.cliQuietly("describe", "pod", "a"))
                            .find());
            Matcher seen = progress.matcher(daemon.cli("describe", "pod", "a"));
            assertTrue(seen.find());
            double total = Double.parseDouble(seen.group(2));
            assertTrue(total > 1024 && total < 1030, seen.group());
            double before = Double.parseDouble(seen.group(1));
            assertTrue(before < 210, seen.group());
            proxy.allow(300L << 20);
            daemon.await("more progress", LONG, () -> {
                Matcher now = progress.matcher(daemon.cliQuietly("get", "pods"));
                return now.find() && Double.parseDouble(now.group(1)) > before + 100;
            });
            proxy.allow(2L << 30);
            daemon.await("the pod to run", LONG, () -> daemon.running("a").size() == 1);
            daemon.await(
                    "the pull to be over",
                    () -> !daemon.cliQuietly("describe", "pod", "a").contains("Pulling:"));
            assertTrue(
                    Pattern.compile("Successfully pulled image .* Image size: 10[0-9]{8} bytes")
                            .matcher(events("a"))
                            .find(),
                    events("a"));
        }
    }

    @Test
    void pullIsCancelledWhenItsPodIsRemoved() throws Exception {
        try (RegistryProxy proxy = new RegistryProxy(registry.port())) {
            registry.push("app", "1", "never", 1 << 20);
            daemon.start();
            daemon.write("a.yaml", pod("a", image(proxy.host() + "/app:1"), "Always", ""));
            daemon.await("the pull", () -> status("a").contains("pulling image"));
            daemon.remove("a.yaml");
            daemon.awaitGone("a");
            daemon.await("the end of the pull", () -> daemon.log().contains("pull cancelled"));
        }
    }
}
