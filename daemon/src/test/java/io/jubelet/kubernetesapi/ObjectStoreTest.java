/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.kubernetesapi;

import static io.jubelet.status.PodViews.pod;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jubelet.api.ApiError;
import io.jubelet.status.PodViews;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ObjectStoreTest {

    private final ServedNode node = new ServedNode();
    private final ObjectStore store = node.store(1);

    private static PodViews web(int restarts) {
        return pod("web", "app", "proxy").sandbox().running("app", restarts, 31);
    }

    private long version() throws Exception {
        return store.list(ResourceKind.PODS).version();
    }

    private List<String> since(long version) throws Exception {
        List<String> text = new ArrayList<>();
        for (ObjectStore.Change change : store.since(ResourceKind.PODS, version).changes()) {
            text.add((change.before().isEmpty() ? "+" : change.now().isEmpty() ? "-" : "~")
                    + change.now()
                            .or(change::before)
                            .orElseThrow()
                            .metadata()
                            .name()
                            .name());
        }
        return text;
    }

    @Test
    void objectsAreOrderedAndHaveVersionsOfTheirOwn() throws Exception {
        ObjectStore.Listing pods = store.list(ResourceKind.PODS);
        assertEquals(
                List.of("crashing-node1", "old-node1", "pulling-node1", "web-node1"),
                pods.items().stream()
                        .map(item -> item.object().metadata().name().name())
                        .toList());
        assertEquals(
                4,
                pods.items().stream().map(ObjectStore.Item::version).distinct().count());
        assertTrue(pods.items().stream().allMatch(item -> item.version() <= pods.version()));
    }

    @Test
    void changesAfterAVersionAreReturnedOnce() throws Exception {
        long before = version();
        assertEquals(List.of(), since(before));
        node.statuses.publish(web(2).build());
        assertEquals(List.of("~web-node1"), since(before));
        node.statuses.retire(web(2).build().name());
        assertEquals(List.of("~web-node1", "-web-node1"), since(before));
        node.statuses.publish(web(0).build());
        assertEquals(List.of("~web-node1", "-web-node1", "+web-node1"), since(before));
        assertEquals(List.of(), since(version()));
    }

    @Test
    void viewWithTheSameJsonIsNoChange() throws Exception {
        node.statuses.publish(web(2).build());
        long before = version();
        node.statuses.publish(web(2).build());
        assertEquals(List.of(), since(before));
        assertEquals(before, version());
    }

    /** Clients that hold the old object would otherwise take another pod for it. */
    @Test
    void podWithAnotherUidIsGoneAndNew() throws Exception {
        long before = version();
        node.statuses.publish(
                pod("web", "app").version("2").sandbox().running("app", 0, 31).build());
        assertEquals(List.of("-web-node1", "+web-node1"), since(before));
    }

    @Test
    void versionsOfAnEarlierDaemonAreOlderThanAllOfThisOne() throws Exception {
        long earlier = version();
        ObjectStore next = node.store(2);
        assertTrue(next.list(ResourceKind.PODS).items().stream().allMatch(item -> item.version() > earlier));
        assertEquals(
                410,
                assertThrows(ApiError.class, () -> next.since(ResourceKind.PODS, earlier))
                        .code());
        assertEquals(
                410,
                assertThrows(
                                ApiError.class,
                                () -> store.since(
                                        ResourceKind.PODS,
                                        next.list(ResourceKind.PODS).version()))
                        .code());
    }

    @Test
    void changesBeyondTheLimitAreForgotten() throws Exception {
        long before = version();
        for (int i = 1; i <= ObjectStore.MAX_CHANGES; i++) {
            node.statuses.publish(web(i).build());
            assertEquals(
                    1, store.since(ResourceKind.PODS, version() - 1).changes().size());
        }
        assertEquals(ObjectStore.MAX_CHANGES, since(before).size());
        node.statuses.publish(web(0).build());
        ApiError gone = assertThrows(ApiError.class, () -> since(before));
        assertEquals(410, gone.code());
        assertEquals("Expired", gone.reason());
        assertEquals(ObjectStore.MAX_CHANGES, since(before + 1).size());
    }

    @Test
    void listThatIsReadInPartsStaysAsItWas() throws Exception {
        ObjectStore.Listing first = store.list(ResourceKind.PODS);
        store.keep(ResourceKind.PODS, first);
        node.statuses.publish(web(7).build());
        assertEquals(first, store.listAt(ResourceKind.PODS, first.version()));
        for (int i = 0; i < ObjectStore.MAX_PARTIAL_LISTS; i++) {
            node.statuses.publish(web(8 + i).build());
            store.keep(ResourceKind.PODS, store.list(ResourceKind.PODS));
        }
        assertEquals(
                410,
                assertThrows(ApiError.class, () -> store.listAt(ResourceKind.PODS, first.version()))
                        .code());
    }

    @Test
    void fileOfAnObjectIsThatOfItsManifest() {
        ObjectSource source = node.source();
        assertEquals(
                Optional.of("/etc/kubernetes/manifests/web.yaml"),
                source.fileOf(ResourceKind.PODS, ResourceName.in("default", "web-node1")));
        assertEquals(
                Optional.of("/etc/kubernetes/manifests/shop.yaml"),
                source.fileOf(ResourceKind.CONFIG_MAPS, ResourceName.in("shop", "colours")));
        assertEquals(Optional.empty(), source.fileOf(ResourceKind.PODS, ResourceName.in("default", "none")));
    }
}
