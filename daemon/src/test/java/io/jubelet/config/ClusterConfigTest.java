/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.config;

import static io.jubelet.config.Configs.ofFlags;
import static io.jubelet.config.Configs.parse;
import static io.jubelet.config.Configs.valid;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import io.jubelet.config.ClusterConfig.NodeTaint;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ClusterConfigTest {

    @Test
    void readsTheFlags() {
        ClusterConfig cluster = valid(ofFlags(
                        "--register-node=false",
                        "--register-with-taints=a=b:NoSchedule,example.com/c:NoExecute",
                        "--provider-id=cloud://x",
                        "--node-status-update-frequency=3s",
                        "--event-qps=7",
                        "--eviction-pressure-transition-period=1m"))
                .cluster();
        assertFalse(cluster.registration().enabled());
        assertEquals(
                List.of(new NodeTaint("a", "b", "NoSchedule"), new NodeTaint("example.com/c", "", "NoExecute")),
                cluster.registration().taints());
        assertEquals(Optional.of("cloud://x"), cluster.registration().providerId());
        assertEquals(Duration.ofSeconds(3), cluster.status().updateFrequency());
        // Only in the file does the update frequency set it, as with the kubelet.
        assertEquals(Duration.ofMinutes(5), cluster.status().reportFrequency());
        assertEquals(Duration.ofMinutes(1), cluster.status().pressureTransition());
        assertEquals(new ClusterConfig.EventRate(7, 100), cluster.events());
    }

    @Test
    void aReportFrequencyThatIsGivenCounts() {
        ClusterConfig.NodeStatus status = valid(parse(
                        "nodeStatusUpdateFrequency: 1s\nnodeStatusReportFrequency: 1m\nnodeLeaseDurationSeconds: 10\n"))
                .cluster()
                .status();
        assertEquals(Duration.ofSeconds(1), status.updateFrequency());
        assertEquals(Duration.ofMinutes(1), status.reportFrequency());
        assertEquals(Duration.ofSeconds(10), status.leaseDuration());
    }

    @Test
    void aZeroStandsForTheDefault() {
        assertEquals(
                ofFlags().config().cluster(),
                valid(
                                parse(
                                        "nodeStatusUpdateFrequency: 0s\nnodeStatusReportFrequency: 0s\nnodeLeaseDurationSeconds: 0\n"))
                        .cluster());
    }

    @Test
    void theOnlyCloudIsAnExternalOne() {
        assertEquals(
                List.of(new NodeTaint("node.cloudprovider.kubernetes.io/uninitialized", "true", "NoSchedule")),
                valid(ofFlags("--cloud-provider=external"))
                        .cluster()
                        .registration()
                        .taints());
        assertEquals(
                List.of(),
                valid(ofFlags("--cloud-provider=")).cluster().registration().taints());
        assertEquals(
                List.of("--cloud-provider=aws: must be external or empty, but is \"aws\""),
                ofFlags("--cloud-provider=aws").errors());
    }

    @ParameterizedTest
    @CsvSource({"'', 50", "nodeStatusMaxImages: 7, 7", "nodeStatusMaxImages: 0, 0", "nodeStatusMaxImages: -1, -1"})
    void readsHowManyImagesTheStatusNames(String line, int most) {
        assertEquals(most, valid(parse(line + "\n")).cluster().status().maxImages());
    }
}
