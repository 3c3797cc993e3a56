package io.jubelet.cri;

/** The transport protocol of a port. */
public enum Protocol {
    TCP,
    UDP,
    SCTP
}
