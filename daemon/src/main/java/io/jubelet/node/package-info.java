/**
 * Facts about this node, and what the JDK has no call for: mounts, special files, the service manager. Knows nothing of
 * pods.
 */
package io.jubelet.node;
