/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.confinement;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.jubelet.cri.Image;
import io.jubelet.cri.ImageService;
import io.jubelet.cri.ImageSpec;
import java.lang.reflect.Proxy;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ImageUserCacheTest {

    private final Map<String, Image> there = new HashMap<>();
    private int calls;
    private final ImageUserCache users = new ImageUserCache((ImageService) Proxy.newProxyInstance(
            getClass().getClassLoader(), new Class<?>[] {ImageService.class}, (_, method, arguments) -> {
                assertEquals("imageStatus", method.getName());
                calls++;
                return there.get(((ImageSpec) arguments[0]).image());
            }));

    private void add(String id, Long uid, String name) {
        there.put(id, new Image(id, List.of(), List.of(), 1, uid, name, null, false));
    }

    @Test
    void cachesTheUsersOfImagesThatAreQueried() {
        add("sha256:a", 1000L, "");
        users.imageStatus(ImageSpec.of("sha256:a"));
        assertEquals(Optional.of(new ContainerUser(1000L, Optional.empty())), users.of("sha256:a"));
        assertEquals(1, calls);
    }

    @Test
    void queriesTheRuntimeForImagesThatAreNotCached() {
        add("sha256:named", null, "www");
        add("sha256:nobody", null, "");
        assertEquals(Optional.of(new ContainerUser(null, Optional.of("www"))), users.of("sha256:named"));
        assertEquals(Optional.of(ContainerUser.UNSET), users.of("sha256:nobody"));
        assertEquals(Optional.empty(), users.of("sha256:gone"));
        assertEquals(3, calls);
        users.of("sha256:named");
        assertEquals(3, calls);
    }

    @Test
    void keepsStartOfLongName() {
        String longest = "u".repeat(ContainerUser.MAX_NAME);
        add("sha256:longest", null, longest);
        add("sha256:longer", null, longest + "u");
        add("sha256:hostile", null, "1".repeat(4_000_000));
        assertEquals(Optional.of(new ContainerUser(null, Optional.of(longest))), users.of("sha256:longest"));
        String cut = "... (cut after 256 characters)";
        assertEquals(Optional.of(new ContainerUser(null, Optional.of(longest + cut))), users.of("sha256:longer"));
        assertEquals(
                Optional.of(new ContainerUser(null, Optional.of("1".repeat(ContainerUser.MAX_NAME) + cut))),
                users.of("sha256:hostile"));
    }
}
