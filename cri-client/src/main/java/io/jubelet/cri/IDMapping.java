package io.jubelet.cri;

/** A range of user or group ids inside a user namespace, and where it lies on the host. */
public record IDMapping(int hostId, int containerId, int length) {}
