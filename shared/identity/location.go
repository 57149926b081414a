package identity

// Location is a place where an account's data can live.
type Location struct {
	ID     string
	Name   string
	Region string // the AWS region
}

// LocationName returns what a location is called.
func LocationName(id string) string {
	for _, l := range Locations("") {
		if l.ID == id {
			return l.Name
		}
	}
	return id
}

// Locations returns the locations that an AWS region serves; all of them for
// the empty name. A region that is no location of ours (on a developer's
// machine, say) serves itself.
func Locations(region string) []Location {
	all := []Location{
		{"au", "Australia", "ap-southeast-2"},
		{"ca", "Canada", "ca-central-1"},
		{"de", "EU (Germany)", "eu-central-1"},
		{"fr", "EU (France)", "eu-west-3"},
		{"ie", "EU (Ireland)", "eu-west-1"},
		{"in", "India", "ap-south-1"},
		{"jp", "Japan", "ap-northeast-1"},
		{"uk", "United Kingdom", "eu-west-2"},
		{"us", "United States", "us-east-1"},
		{"za", "South Africa", "af-south-1"},
	}
	if region == "" {
		return all
	}
	for _, l := range all {
		if l.Region == region {
			return []Location{l}
		}
	}
	return []Location{{region, region, region}}
}
