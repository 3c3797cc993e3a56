/**
 * The local API: status out over HTTP on a Unix socket, read-only.
 *
 * <p>One Netty thread moves bytes; every request is answered on a virtual thread of its own. Answers come from the
 * {@code StatusStore}; nothing here knows workers, the runtime or files. {@code LocalClient} is the other end.
 */
package io.jubelet.api;
