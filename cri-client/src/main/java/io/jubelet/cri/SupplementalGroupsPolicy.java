package io.jubelet.cri;

/** Whether groups of the image count beside those given. */
public enum SupplementalGroupsPolicy {
    /** Groups of the image are added. */
    MERGE,
    /** Only the groups given. */
    STRICT
}
