/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.pod;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;

/**
 * The name of this node, and the names that it had when versions of pods were made that still exist.
 *
 * <p>A version keeps the name of the node that it was made under, because its UID and its names on
 * the runtime follow from it. So pods run on when the host gets another name, for example by DHCP.
 * Immutable; safe for use by many threads.
 */
public final class NodeNames {

    private final String current;
    private final List<String> all;
    private final Predicate<String> made;
    private final Predicate<String> manifests;

    /**
     * @param current the name of this node
     * @param former names that it had before, the latest first; may contain the current one
     * @param made whether the version with a UID was made here: whether it has a directory
     * @param manifests whether a path is that of a manifest of this node
     */
    public NodeNames(String current, List<String> former, Predicate<String> made, Predicate<String> manifests) {
        this.current = Objects.requireNonNull(current, "current");
        this.made = Objects.requireNonNull(made, "made");
        this.manifests = Objects.requireNonNull(manifests, "manifests");
        Set<String> names = new LinkedHashSet<>();
        names.add(current);
        names.addAll(former);
        this.all = List.copyOf(names);
    }

    /** A node that had no other name. */
    public static NodeNames of(String name) {
        return new NodeNames(name, List.of(), _ -> false, _ -> false);
    }

    /** The name of this node. */
    public String current() {
        return current;
    }

    /** All names, the current one first. */
    public List<String> all() {
        return all;
    }

    /** The names that are not the current one, the latest first. */
    public List<String> former() {
        return all.subList(1, all.size());
    }

    /**
     * The name under which a version was made; the current one if it was not made yet.
     *
     * @param uid the UID of the version under a name of the node
     */
    public String ofVersion(UnaryOperator<String> uid) {
        if (all.size() > 1) {
            for (String name : all) {
                if (made.test(uid.apply(name))) {
                    return name;
                }
            }
        }
        return current;
    }

    /**
     * Whether a sandbox or container belongs to this node. Under a former name it does if its
     * version was made here, because another daemon might have that name now. The directory of a
     * version is removed before its last sandbox, which is recognized by its manifest.
     *
     * @param node the name of the node that it was created under
     * @param uid of its version
     * @param manifest the path of the manifest; empty if unknown
     */
    public boolean owns(String node, String uid, String manifest) {
        return node.equals(current) || (all.contains(node) && (made.test(uid) || manifests.test(manifest)));
    }

    /** These names for a version that is known to have been made. */
    public NodeNames ofMade(String uid) {
        return new NodeNames(current, former(), uid::equals, manifests);
    }
}
