package boxsim

import "net/http"

// routes registers every address that the simulator answers.
func (s *Sim) routes() {
	s.userRoutes()
	s.folderRoutes()
	s.fileRoutes()
	s.versionRoutes()
	s.webLinkRoutes()
	s.uploadRoutes()
	s.sessionRoutes()
	s.downloadRoutes()
	s.trashRoutes()
	s.copyRoutes()
	s.zipRoutes()
	s.eventRoutes()
	s.collaborationRoutes()
	s.commentRoutes()
	s.sharedRoutes()
	s.metadataRoutes()
	s.templateRoutes()
	s.groupRoutes()
	s.taskRoutes()
	s.collectionRoutes()
	s.searchRoutes()
	s.oauthRoutes()
	s.controlRoutes()
	s.pageRoutes()
	for _, prefix := range []string{"/2.0/", "/api/2.0/"} {
		s.handle(prefix, http.StatusOK, func(c *call) (any, error) {
			return nil, refuse(http.StatusNotFound, "not_found", "The simulator has no %s %s", c.r.Method, c.r.URL.Path)
		})
	}
}
