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

    /** A ConfigMap of almost a third of what changes may have together. */
    private long change(int number) throws Exception {
        node.colour(number + "x".repeat((int) ObjectStore.MAX_CHANGE_BYTES / 3 - 1000));
        node.statuses.publish(web(number).build()); // which is when the store looks
        return store.list(ResourceKind.CONFIG_MAPS).version();
    }

    @Test
    void changesOfLargeObjectsAreForgottenEarlier() throws Exception {
        long first = change(0);
        long second = change(1);
        change(2);
        change(3);
        assertEquals(3, store.since(ResourceKind.CONFIG_MAPS, first).changes().size());
        change(4);
        assertEquals(
                410,
                assertThrows(ApiError.class, () -> store.since(ResourceKind.CONFIG_MAPS, first))
                        .code());
        assertEquals(3, store.since(ResourceKind.CONFIG_MAPS, second).changes().size());
    }

    @Test
    void oneChangeIsKeptHoweverLargeItIs() throws Exception {
        long before = change(0);
        node.colour("x".repeat((int) ObjectStore.MAX_CHANGE_BYTES + 1));
        node.statuses.publish(web(1).build());
        assertEquals(1, store.since(ResourceKind.CONFIG_MAPS, before).changes().size());
    }

    @Test
    void statesOfLargeObjectsAreForgottenEarlier() throws Exception {
        List<Long> versions = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            node.colour(i + "x".repeat((int) ObjectStore.MAX_PARTIAL_LIST_BYTES / 2 - 1000));
            node.statuses.publish(web(i).build());
            ObjectStore.Listing now = store.list(ResourceKind.CONFIG_MAPS);
            store.keep(ResourceKind.CONFIG_MAPS, now);
            versions.add(now.version());
        }
        assertThrows(ApiError.class, () -> store.listAt(ResourceKind.CONFIG_MAPS, versions.getFirst()));
        assertEquals(
                versions.get(1),
                store.listAt(ResourceKind.CONFIG_MAPS, versions.get(1)).version());
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
