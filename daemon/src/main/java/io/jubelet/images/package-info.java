/**
 * The images of this node: fetched when a pod wants them, removed when nobody does.
 *
 * <p>In come wishes of workers and credentials; out go pulls and removals, and what is known of each image. Looking for an
 * image runs on the thread of the worker that asks, each pull on one of its own, collecting garbage on the thread of its loop.
 * Nothing here decides which container is started, and no credential is ever in a text made here.
 */
package io.jubelet.images;
